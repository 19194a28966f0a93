import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { z } from "zod";
import { renderSettings } from "../../../components/validation/render-settings";
import { homelabSite } from "../../support/site";
import type { ClusterState } from "./cluster-state";

export const CHECKS = path.join(__dirname, "../../../components/validation/files/checks");
export const site = homelabSite();
export const expected = {
  machines: site.machines,
  lan: site.config.lan,
  clusterDns: site.clusterDns,
  encapsulation: site.config.network.encapsulation,
  daemonSets: site.daemonSets,
  namespaces: ["monitoring", "jellyfin"],
  endpoint: { address: "192.168.8.9", port: 6443, machines: ["maple", "hazel"] },
  virtual: {
    maple: { cpu: 4, memory: 8 * 2 ** 30, disk: 64 * 2 ** 30 },
    hazel: { cpu: 4, memory: 8 * 2 ** 30, disk: 64 * 2 ** 30 },
    // Asleep: what it was given since counts from its next start on.
    spruce: { cpu: 16, memory: 2 ** 30, disk: 64 * 2 ** 30 },
  },
  monitoring: {
    endpoints: { Grafana: "http://192.168.8.63:30300/api/health" },
    prometheus: "http://192.168.8.63:30090",
  },
};

const report = z.object({
  status: z.enum(["pass", "fail", "error"]),
  counts: z.record(z.string(), z.number()),
  checks: z.array(
    z.object({
      group: z.string(),
      name: z.string(),
      status: z.enum(["pass", "fail", "error"]),
      found: z.string(),
      expected: z.string().min(1),
      advice: z.string(),
    }),
  ),
});

/** Runs the entry's own main once for each list of words, in one process: starting Python is the slow part. */
export const BATCH = `
import contextlib, io, json, os, runpy, sys
sys.path.insert(0, sys.argv[1])
main = runpy.run_path(os.path.join(sys.argv[1], "__main__.py"), run_name="checks")["main"]
results = []
for words in json.load(sys.stdin):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main(words)
    results.append({"code": code, "report": json.loads(out.getvalue())})
print(json.dumps(results))
`;

export const batch = z.array(z.object({ code: z.number(), report }));

/** Starts the entry on what a cluster looks like; without it, what there is is looked at. */
export function start(
  words: readonly string[],
  state?: ClusterState,
  monitoring = true,
  checks = CHECKS,
  machines = expected.machines,
) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-checks-"));
  const file = (name: string, content: string): string => {
    const full = path.join(folder, name);
    fs.writeFileSync(full, content);
    return full;
  };
  try {
    const settings = renderSettings(site.config.validation, {
      ...expected,
      machines,
      monitoring: monitoring ? expected.monitoring : undefined,
    });
    const options = ["--settings", file("settings.json", settings)];
    if (state) options.push("--observations", file("observations.json", JSON.stringify(state)));
    return spawnSync("python3", ["-B", checks, ...words, ...options], { encoding: "utf8" });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

export function judge(
  state: ClusterState,
  words: readonly string[] = [],
  checks = CHECKS,
  machines = expected.machines,
) {
  const ran = start([...words, "--json"], state, true, checks, machines);
  assert.equal(ran.stderr, "");
  return { code: ran.status, ...report.parse(JSON.parse(ran.stdout)) };
}
