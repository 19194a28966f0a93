import { z } from "zod";
import { duration } from "../../shared/scalars";

const NAME = "a chart's name, such as whoami: lower-case letters, digits, hyphens and dots";
const VERSION = "a version such as 5.3.0: exactly one, no range and no latest";
const REPOSITORY =
  "a repository such as https://charts.example.org or oci://registry.example.org/charts, or a folder such as ./charts";
const DIGEST = "a digest such as sha256: and 64 hexadecimal digits";

/** The keys of an app that is a Helm chart. */
export const chartKeys = {
  chart: z.strictObject({
    name: z
      .string(NAME)
      .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, NAME)
      .describe("Its name"),
    version: z
      .string(VERSION)
      .regex(/^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/, VERSION)
      .describe("Its version"),
    repository: z
      .string(REPOSITORY)
      .regex(
        /^((https?|oci):\/\/[\w.-]+(:\d+)?(\/[\w./-]*)?|\.\/(?!.*\.\.)[\w@%+=:,./-]*)$/,
        REPOSITORY,
      )
      .describe(
        "Where it comes from: a repository, a registry, or a folder of the project that holds charts as folders",
      ),
    digest: z
      .string(DIGEST)
      .regex(/^sha256:[0-9a-f]{64}$/, DIGEST)
      .optional()
      .describe("Of a chart in an OCI registry: exactly this one"),
  }),
  values: z
    .record(z.string(), z.unknown())
    .prefault({})
    .describe("Values of the chart; no secret, which is a Secret that the chart refers to"),
  notSecret: z
    .array(z.string())
    .prefault([])
    .describe("Paths of values that look like secrets and are none, such as auth.token"),
  timeout: duration
    .optional()
    .describe("How long the release may take to become ready (default: apps.charts.timeout)"),
};
