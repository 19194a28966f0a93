import { z } from "zod";
import { chartSourcesSchema } from "../shared/charts";
import { hostKeys } from "../shared/hosts";
import { cidr, dnsLabel, duration, secretName } from "../shared/scalars";

const REPOSITORY =
  "a repository such as git@git.example.org:me/home.git or https://git.example.org/me/home.git";
const FOLDER = "a folder of the repository such as clusters/home, without a slash in front";

/** How a repository is reached: by SSH with a deploy key, or by HTTPS where everybody may read it. */
export const isBySsh = (repository: string): boolean => !repository.startsWith("https://");

export const gitopsSchema = z
  .strictObject({
    machine: dnsLabel.describe("The machine that runs Argo CD, one that never sleeps"),
    host: hostKeys.host.describe(
      "Name of its page behind vmstation:platform.ingress, at home (default: none)",
    ),
    repository: z
      .string(REPOSITORY)
      .regex(
        /^(https:\/\/[\w.-]+(:\d+)?\/|ssh:\/\/([\w.-]+@)?[\w.-]+(:\d+)?\/|[\w.-]+@[\w.-]+:)[\w./~-]+$/,
        REPOSITORY,
      )
      .describe("The repository whose Applications it applies"),
    revision: z
      .string()
      .regex(/^[\w./-]{1,200}$/, "a branch, a tag or a commit such as main")
      .prefault("main")
      .describe("Branch, tag or commit of it"),
    path: z
      .string()
      .regex(/^(?!\/)[\w./-]+$/, FOLDER)
      .prefault(".")
      .describe("Folder of it that holds the Applications"),
    deployKeySecret: secretName
      .optional()
      .describe("Secret key with the private SSH key that may read it, without a passphrase"),
    knownHosts: z
      .array(z.string().regex(/^\S+ (ssh|ecdsa)-\S+ \S+$/, "a line of ssh-keyscan: NAME TYPE KEY"))
      .prefault([])
      .describe("Host keys of Git servers of one's own; those of the usual ones are known"),
    gitServer: cidr
      .optional()
      .describe("Network of a Git server at home, 192.168.1.50/32 for one address"),
    namespaces: z
      .array(dnsLabel)
      .prefault([])
      .describe(
        "Namespaces that it may fill, and nothing else; each is made, and denies by default",
      ),
    podSecurity: z
      .enum(["restricted", "baseline", "privileged"])
      .prefault("baseline")
      .describe("Pod Security Standard of these namespaces"),
    apps: z
      .partialRecord(dnsLabel, z.enum(["prepared", "handed-over", "taken-back"]))
      .prefault({})
      .describe(
        "Apps of vmstation:apps whose objects it takes over: prepared first, handed-over by the next update. For an app that comes back: taken-back",
      ),
    ageKeySecret: secretName
      .optional()
      .describe("Secret key with the age key that opens the repository's SOPS files"),
    interval: duration
      .prefault("3m")
      .describe("How often it compares the cluster with the repository"),
    charts: chartSourcesSchema("10m"),
  })
  .superRefine(judgeKeys)
  .describe("Argo CD: namespaces that a Git repository fills");

export type GitopsConfig = z.output<typeof gitopsSchema>;

interface Judged {
  readonly repository: string;
  readonly deployKeySecret?: string | undefined;
  readonly namespaces: readonly string[];
  readonly apps: Readonly<Record<string, string | undefined>>;
}

function judgeKeys(config: Judged, ctx: z.RefinementCtx): void {
  const { repository, deployKeySecret, namespaces, apps } = config;
  const refuse = (key: keyof Judged, input: unknown, message: string): void => {
    ctx.addIssue({ code: "custom", path: [key], input, message });
  };
  if (isBySsh(repository) && deployKeySecret === undefined)
    refuse(
      "deployKeySecret",
      deployKeySecret,
      "the secret with a key that may read a repository over SSH",
    );
  if (!isBySsh(repository) && deployKeySecret !== undefined)
    refuse(
      "deployKeySecret",
      deployKeySecret,
      "no key, or a repository over SSH (git@…): HTTPS uses none",
    );
  if (namespaces.length === 0 && Object.keys(apps).length === 0)
    refuse("namespaces", namespaces, "at least one namespace: Argo CD may fill nothing else");
}
