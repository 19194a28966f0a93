import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { parseCpu, parseSize } from "../../../components/shared/units";
import { listOpenQuestions } from "../../../stacks/open-questions";
import type { Recorded } from "../../support/mocks";
import { recordStack, SECRETS } from "../../support/stack";
import { EVERYTHING, platformSite, wholePlatform } from "./sites";

const amount = z.object({ cpu: z.string(), memory: z.string() });
const resources = z.object({ requests: amount, limits: amount });
const count = z.object({ replicas: z.number() });

/** What the containers of one object ask for. */
interface Need {
  readonly cores: number;
  readonly reserved: number;
  readonly most: number;
}

const MIB = 2 ** 20;
/** Each block of requests and limits in an object or in a chart's values, as often as it says how many pods there are. */
function needsOf(value: unknown, where: string): [where: string, need: Need][] {
  if (typeof value !== "object" || value === null) return [];
  const own = resources.safeParse(value);
  if (own.success) {
    const { requests, limits } = own.data;
    const need = {
      cores: parseCpu(requests.cpu) ?? NaN,
      reserved: (parseSize(requests.memory) ?? NaN) / MIB,
      most: (parseSize(limits.memory) ?? NaN) / MIB,
    };
    return [[where, need]];
  }
  const { replicas } = count.catch({ replicas: 1 }).parse(value);
  const below = Object.entries(value).flatMap(([key, item]) => needsOf(item, `${where}.${key}`));
  return Array.from({ length: replicas }, () => below).flat();
}

const TEXT = fs.readFileSync(path.join(__dirname, "../../../docs/platform.md"), "utf8");

/** The parts in the table of the documents, and how the names of their resources begin. */
const ROWS: Readonly<Record<string, string>> = {
  "load balancer": "load-balancer-",
  certificates: "certificates-",
  ingress: "ingress-",
  "storage: local": "storage-local-",
  "storage: NFS": "storage-csi-driver-nfs",
  "storage: Ceph": "storage-ceph-",
  names: "names-",
  tunnel: "tunnel-",
  tailnet: "tailnet-",
};

describe("what the platform needs", () => {
  let needs: (readonly [where: string, need: Need])[];
  before(async () => {
    const secrets = {
      ...SECRETS,
      ...{ cloudflareToken: "t", dnsToken: "d", tailscaleKey: "tskey-client-kA-b" },
      cephKey: "AQBo6eFnAAAAABAAh1J1mH6kUo0fYxO0w7yqgA==",
    };
    const graph = await recordStack(wholePlatform(), secrets);
    const ours = graph.filter(({ name }) => name.startsWith("platform-"));
    needs = ours.flatMap(({ name, inputs }: Recorded) => needsOf(inputs, name));
    // A job that ends.
    needs = needs.filter(([where]) => !where.includes("startupapicheck"));
    // The chart runs the same container beside the provisioner.
    const twins = needs.filter(([where]) => where.includes("nodeplugin.plugin"));
    needs.push(...twins.map(([where, need]) => [`${where} beside`, need] as const));
  });
  const sum = (key: keyof Need): number => needs.reduce((total, [, need]) => total + need[key], 0);

  it("is what its facts say, all on the one machine that is always on", () => {
    const facts = wholePlatform().facts.memory.filter(
      ({ path: key, machine }) => key.startsWith("platform.") && machine === "maple",
    );
    assert.equal(
      sum("most"),
      facts.reduce((total, { bytes }) => total + bytes / MIB, 0),
    );
  });

  for (const [row, prefix] of Object.entries(ROWS))
    it(`is what the documents say of ${row}`, () => {
      const [cell = ""] =
        new RegExp(`^\\| ${row} +\\|.*\\| (.*\\S) +\\|$`, "m").exec(TEXT)?.slice(1) ?? [];
      const pods = cell.includes("each of its three pods") ? 3 : 1;
      const said = [...cell.matchAll(/(\d+), (\d+) MiB/g)].map(([, reserved, most]) => ({
        reserved: Number(reserved) * pods,
        most: Number(most) * pods,
      }));
      // Pods of the same kind have one place in the objects.
      const own = new Map(needs.filter(([where]) => where.startsWith(`platform-${prefix}`)));
      for (const key of ["reserved", "most"] as const)
        assert.equal(
          said.reduce((total, each) => total + each[key], 0),
          [...own.values()].reduce((total, each) => total + each[key], 0),
          `${key} of ${row}: ${cell}`,
        );
    });

  it("is what the documents say of all together", () => {
    const said = `All parts together, on one machine, reserve ${sum("cores").toFixed(2)} cores and ${sum("reserved")} MiB, and take ${sum("most")} MiB at most.`;
    assert.ok(TEXT.replace(/\s+/g, " ").includes(said), said);
  });

  it("fits beside a control plane of 8 GiB", () => {
    const site = platformSite(EVERYTHING, [["monitoring"], undefined]);
    assert.equal(site.machines.find(({ name }) => name === "maple")?.memory, 8 * 2 ** 30);
    const warnings = listOpenQuestions(site, "homelab", () => true);
    assert.deepEqual(
      warnings.filter(({ path: key }) => key === "machines.maple.memory"),
      [],
    );
  });
});
