import assert from "node:assert/strict";
import { z } from "zod";
import {
  readCommentedKeys,
  readDefaults,
  requireChartValues,
  unknownKeys,
} from "../../support/chart-values";
import type { Recorded } from "../../support/mocks";
import { recordStack } from "../../support/stack";
import { EVERYTHING, LOAD_BALANCER, platformSite } from "./sites";

/** Keys below which a chart takes names that it does not know. */
const OPEN: Readonly<Record<string, readonly string[]>> = {
  traefik: ["ports.tunnel", "service.spec"],
};

const release = z.object({
  chart: z.string(),
  version: z.string(),
  values: z.record(z.string(), z.unknown()),
});

const CHARTS = ["metallb", "cert-manager", "traefik"];

describe("Helm values of the platform", () => {
  let graph: Recorded[];
  before(async function () {
    requireChartValues(this);
    const site = platformSite({
      ...{ domain: "rowan.se", internalDomain: "int.rowan.se" },
      charts: { imageRegistry: "mirror.lan:5000" },
      loadBalancer: LOAD_BALANCER,
      certificates: EVERYTHING.certificates,
      ingress: { address: "192.168.8.230", replicas: 2 },
    });
    graph = await recordStack(site, { dnsToken: "t0ken" });
  });

  for (const chart of CHARTS) {
    it(`of ${chart} set only keys that the chart knows`, () => {
      const own = graph.filter(({ name }) => name.startsWith("platform-"));
      const found = own.flatMap(({ inputs }) => release.safeParse(inputs).data ?? []);
      const { version, values } = found.find((each) => each.chart === chart) ?? assert.fail();
      const defaults = readDefaults(chart, version);
      const commented = readCommentedKeys(chart, version);
      assert.deepEqual(unknownKeys(values, defaults, commented, OPEN[chart] ?? []), []);
    });
  }
});
