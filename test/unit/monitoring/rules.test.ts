import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { ruleGroups } from "../../../components/monitoring/plan";
import { renderRuleFile } from "../../../components/monitoring/rules/rule";
import { KNOWN_METRICS, metricsIn } from "./known-metrics";
import { appRuleFiles, layerAlerts, promQlQueries } from "./queries";

const PROMTOOL = process.env.PROMTOOL ?? "promtool";
const CASES = path.join(__dirname, "promtool");

function promtool(args: readonly string[], cwd: string): { ok: boolean; output: string } {
  const ran = spawnSync(PROMTOOL, args, { cwd, encoding: "utf8" });
  return { ok: ran.status === 0, output: `${ran.stdout}${ran.stderr}` };
}

describe("alert rules", () => {
  it("say what is wrong and what to do, each under a name of its own", () => {
    const alerts = ruleGroups.flatMap(({ rules }) =>
      rules.flatMap((rule) => ("alert" in rule ? [rule] : [])),
    );
    assert.deepEqual(
      alerts.map(({ alert, forSeconds, severity }) => [alert, forSeconds, severity]),
      [
        ["NodeExporterDown", 120, "critical"],
        ["HighNodeCPU", 300, "warning"],
        ["HighMemoryUsage", 300, "warning"],
        ["DiskAlmostFull", 900, "warning"],
        ["VirtualAddressNotHeldOnce", 120, "critical"],
        ["HighTimeOffset", 600, "warning"],
        ["ClockNotSynchronised", 900, "warning"],
        ["PrometheusTargetsDown", 300, "warning"],
        ["PrometheusTsdbReloadsFailing", 300, "warning"],
        ["ConfigReloadFailed", 300, "critical"],
        ["BlackboxProbeFailed", 60, "warning"],
        ["SyslogServerDown", 300, "warning"],
        ["CoreDNSDown", 120, "critical"],
        ["MachineDidNotWake", 60, "critical"],
        ["MachineSleepsNoMore", 60, "warning"],
        ["MachineNotReady", 300, "critical"],
        ["PowerStateStale", 300, "warning"],
        ["BackupOverdue", 300, "warning"],
        ["BackupFailed", 300, "warning"],
      ],
    );
    for (const { alert, summary, description } of alerts) {
      assert.ok(summary.length > 10 && description.length > 20, alert);
    }
  });

  it("render as Prometheus' rule files", () => {
    const dns = ruleGroups.find(({ name }) => name === "dns");
    assert.ok(dns);
    assert.deepEqual(renderRuleFile(dns), {
      groups: [
        {
          name: "vmstation-dns",
          rules: [
            {
              alert: "CoreDNSDown",
              expr: 'absent(up{job="coredns"} == 1)',
              for: "2m",
              labels: { severity: "critical" },
              annotations: {
                summary: "No CoreDNS answers",
                description:
                  "Names of services do not resolve. Look at the CoreDNS pods in kube-system.",
              },
            },
          ],
        },
      ],
    });
  });
});

describe("PromQL in rules and dashboards", () => {
  it("names only metrics that something here provides", () => {
    const known = new Set(Object.values(KNOWN_METRICS).flat());
    const unknown = promQlQueries().flatMap(({ where, expr }) =>
      metricsIn(expr)
        .filter((metric) => !known.has(metric))
        .map((metric) => `${where}: ${metric}`),
    );
    assert.deepEqual(unknown, []);
  });

  it("uses every metric that is listed as provided, so that the list stays true", () => {
    const used = new Set(promQlQueries().flatMap(({ expr }) => metricsIn(expr)));
    const variables = ["node_uname_info", "ipmi_up"];
    const idle = Object.values(KNOWN_METRICS)
      .flat()
      .filter((metric) => !used.has(metric) && !variables.includes(metric));
    assert.deepEqual(idle, []);
  });
});

describe("promtool", function () {
  this.timeout(60_000);
  let folder = "";

  before(function () {
    if (spawnSync(PROMTOOL, ["--version"]).status !== 0) {
      console.log("    skipped: no promtool on the PATH (PROMTOOL names another)");
      this.skip();
    }
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-promtool-"));
    const groups = [...ruleGroups, ...layerAlerts()].flatMap(
      (group) => renderRuleFile(group).groups,
    );
    const apps = appRuleFiles().flatMap((file) => file.groups);
    fs.writeFileSync(path.join(folder, "rules.yml"), stringify({ groups: [...groups, ...apps] }));
  });

  after(() => {
    if (folder !== "") fs.rmSync(folder, { recursive: true });
  });

  it("accepts the rules", () => {
    const { ok, output } = promtool(["check", "rules", "--lint-fatal", "rules.yml"], folder);
    assert.ok(ok, output);
  });

  it("parses every query of the dashboards", () => {
    const rules = promQlQueries().map(({ expr }, i) => ({ record: `query:number:${i}`, expr }));
    fs.writeFileSync(
      path.join(folder, "queries.yml"),
      stringify({ groups: [{ name: "queries", rules }] }),
    );
    const { ok, output } = promtool(["check", "rules", "queries.yml"], folder);
    assert.ok(ok, output);
  });

  for (const file of fs.readdirSync(CASES)) {
    it(`finds that alerts behave as ${file} says`, () => {
      fs.copyFileSync(path.join(CASES, file), path.join(folder, file));
      const { ok, output } = promtool(["test", "rules", file], folder);
      assert.ok(ok, output);
    });
  }
});
