import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { z } from "zod";
import { renderSettings } from "../../../components/validation/render-settings";
import { homelabSite } from "../../support/site";
import { healthy, node, NOW, pod, type ClusterState } from "./cluster-state";
import { CLUSTER_FAULTS } from "./cluster-faults";
import { add, nodesWith, set } from "./fault";
import { SERVICE_FAULTS } from "./service-faults";

const FAULTS = [...CLUSTER_FAULTS, ...SERVICE_FAULTS];

const CHECKS = path.join(__dirname, "../../../components/validation/files/checks");
const site = homelabSite();
const expected = {
  machines: site.machines,
  lan: site.config.lan,
  clusterDns: site.clusterDns,
  encapsulation: site.config.network.encapsulation,
  daemonSets: site.daemonSets,
  namespaces: ["monitoring", "jellyfin"],
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
const BATCH = `
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

const batch = z.array(z.object({ code: z.number(), report }));

describe("vmstation-validate", () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-checks-"));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  function start(
    words: readonly string[],
    state?: ClusterState,
    monitoring = true,
    checks = CHECKS,
  ) {
    const file = (name: string, content: string): string => {
      const full = path.join(folder, name);
      fs.writeFileSync(full, content);
      return full;
    };
    const settings = renderSettings(site.config.validation, {
      ...expected,
      monitoring: monitoring ? expected.monitoring : undefined,
    });
    const options = ["--settings", file("settings.json", settings)];
    if (state) options.push("--observations", file("observations.json", JSON.stringify(state)));
    return spawnSync("python3", ["-B", checks, ...words, ...options], { encoding: "utf8" });
  }

  function judge(state: ClusterState, words: readonly string[] = [], checks = CHECKS) {
    const ran = start([...words, "--json"], state, true, checks);
    assert.equal(ran.stderr, "");
    return { code: ran.status, ...report.parse(JSON.parse(ran.stdout)) };
  }

  it("passes a healthy cluster whose storage node is asleep on purpose", () => {
    const { code, status, checks } = judge(healthy());
    assert.deepEqual(
      checks.filter((check) => check.status !== "pass"),
      [],
    );
    assert.deepEqual([code, status], [0, "pass"]);
    assert.deepEqual(
      [...new Set(checks.map(({ group }) => group))],
      "cluster monitoring network nodes pods storage services certificates time".split(" "),
    );
  });

  it("has a fault to find for every check that it makes", () => {
    const { checks } = judge(healthy());
    const tried = FAULTS.map(([, name]) => name);
    const names = checks.map(({ group, name }) => `${group}: ${name}`);
    assert.deepEqual(
      names.filter((name) => !tried.includes(name)),
      [],
    );
  });

  describe("on a cluster with one fault", () => {
    let judged: z.infer<typeof batch>;
    before(() => {
      const place = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-faults-"));
      const settings = path.join(place, "settings.json");
      fs.writeFileSync(settings, renderSettings(site.config.validation, expected));
      const runs = FAULTS.map(([, name, , fault], i) => {
        const state = healthy();
        fault(state);
        const file = path.join(place, `${i}.json`);
        fs.writeFileSync(file, JSON.stringify(state));
        const [group = ""] = name.split(":");
        return [group, "--json", "--settings", settings, "--observations", file];
      });
      const input = JSON.stringify(runs);
      const ran = spawnSync("python3", ["-B", "-c", BATCH, CHECKS], { encoding: "utf8", input });
      fs.rmSync(place, { recursive: true, force: true });
      assert.equal(ran.status, 0, ran.stderr);
      judged = batch.parse(JSON.parse(ran.stdout));
    });

    FAULTS.forEach(([what, name, found], i) => {
      it(`finds ${what}`, () => {
        const checks = judged[i]?.report.checks ?? [];
        const check = checks.find((each) => `${each.group}: ${each.name}` === name);
        assert.equal(check?.status, "fail");
        assert.match(check.found, found);
        assert.notEqual(check.advice, "");
        assert.equal(judged[i]?.code, 1);
      });
    });
  });

  it("says how to start Calico's pods again in the namespace that its installer gave them", () => {
    const state = healthy();
    add("nodes", node("new", "True"))(state);
    const sets = [
      { metadata: { name: "calico-node", namespace: "calico-system" } },
      { metadata: { name: "kube-proxy", namespace: "kube-system" } },
    ];
    set("daemonsets", { items: sets })(state);
    const advice = judge(state).checks.filter(({ name }) => /calico-node|kube-proxy/.test(name));
    assert.deepEqual(
      advice.map((check) => check.advice),
      [
        "kubectl -n calico-system rollout restart daemonset calico-node",
        "kubectl -n kube-system rollout restart daemonset kube-proxy",
      ],
    );
  });

  it("does not count pods that have ended and left their record: done, evicted, ended with their machine", () => {
    const state = healthy();
    const left = ["kube-system", "monitoring", "default"].flatMap((namespace) =>
      ["Evicted", "Terminated", "NodeShutdown"].map((reason) => {
        const one = pod(`left-${reason.toLowerCase()}`, {
          ...{ namespace, phase: "Failed", ready: false },
        });
        const restarts = [{ name: "c", restartCount: 50, state: { terminated: { reason } } }];
        return { ...one, status: { ...one.status, reason, containerStatuses: restarts } };
      }),
    );
    add("pods", ...left)(state);
    const { code, checks } = judge(state);
    assert.deepEqual(
      checks.filter(({ status }) => status !== "pass"),
      [],
    );
    assert.equal(code, 0);
  });

  it("names the check that is broken, and makes every other one", () => {
    const place = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-broken-"));
    fs.cpSync(CHECKS, place, { recursive: true });
    fs.appendFileSync(path.join(place, "check_network.py"), "\nthis is no Python\n");
    fs.appendFileSync(
      path.join(place, "check_storage.py"),
      "\ndef _claims(group, seen): None.claims\n",
    );
    fs.appendFileSync(
      path.join(place, "check_nodes.py"),
      "\ndef check(seen, settings, now): return now.x\n",
    );
    const whole = judge(healthy());
    const broken = judge(healthy(), [], place);
    fs.rmSync(place, { recursive: true });
    const names = (checks: typeof whole.checks) =>
      checks.map(({ group, name }) => `${group}: ${name}`);
    const kept = names(whole.checks).filter((name) => !/^(network|nodes): /.test(name));
    assert.deepEqual(
      names(broken.checks).filter((name) => !name.endsWith(": all checks")),
      kept,
    );
    assert.deepEqual(
      broken.checks
        .filter(({ status }) => status !== "pass")
        .map(({ group, name, found }) => [group, name, found.replace(/ \(.*/s, "")]),
      [
        ["network", "all checks", "the check is broken: SyntaxError: invalid syntax"],
        [
          "nodes",
          "all checks",
          "the check is broken: AttributeError: 'int' object has no attribute 'x'",
        ],
        [
          "storage",
          "claims",
          "the check is broken: AttributeError: 'NoneType' object has no attribute 'claims'",
        ],
      ],
    );
    assert.equal(broken.code, 2);
  });

  it("goes on whatever a source has answered: what does not look at it finds the same as before", () => {
    const place = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-garbage-"));
    const settings = path.join(place, "settings.json");
    fs.writeFileSync(settings, renderSettings(site.config.validation, expected));
    const garbage = [null, 5, "text", [], {}, { items: null }, { items: [{}] }, { items: [null] }];
    const sources = Object.keys(healthy().sources).filter((source) => source !== "nodes");
    const cases = sources.flatMap((source) => garbage.map((ok) => ({ source, ok })));
    const runs = [undefined, ...cases].map((one, i) => {
      const state = healthy();
      if (one) set(one.source, one.ok)(state);
      const file = path.join(place, `${i}.json`);
      fs.writeFileSync(file, JSON.stringify(state));
      return ["--json", "--settings", settings, "--observations", file];
    });
    const input = JSON.stringify(runs);
    const ran = spawnSync("python3", ["-B", "-c", BATCH, CHECKS], { encoding: "utf8", input });
    fs.rmSync(place, { recursive: true });
    assert.equal(ran.status, 0, ran.stderr);
    const [whole, ...judged] = batch.parse(JSON.parse(ran.stdout));
    assert.ok(whole);
    judged.forEach(({ report: { checks } }, i) => {
      const what = JSON.stringify(cases[i]);
      assert.deepEqual(
        checks.map(({ group, name }) => `${group}: ${name}`),
        whole.report.checks.map(({ group, name }) => `${group}: ${name}`),
        what,
      );
      const same = checks.filter((check, at) => check.status === whole.report.checks[at]?.status);
      // A source serves a few checks, pods a dozen.
      assert.ok(same.length > checks.length / 2, what);
    });
  });

  it("does not count a young pod that still waits", () => {
    const state = healthy();
    const created = new Date((NOW - 60) * 1000).toISOString().replace(".000Z", "Z");
    add("pods", pod("web", { namespace: "default", phase: "Pending", created }))(state);
    assert.equal(judge(state, ["pods"]).code, 0);
  });

  it("says 2 where something could not be looked at, and 1 where something fails as well", () => {
    const state = healthy();
    state.sources.certificates = { error: "openssl: not found" };
    const blind = judge(state, ["certificates", "nodes"]);
    assert.deepEqual([blind.code, blind.status], [2, "error"]);
    assert.match(
      blind.checks.find(({ status }) => status === "error")?.found ?? "",
      /certificates: openssl: not found/,
    );
    nodesWith(node("hazel", "False"))(state);
    assert.equal(judge(state, ["certificates", "cluster"]).code, 1);
  });

  it("never passes a check whose source has no answer", () => {
    const { checks } = judge({ now: NOW, sources: {} });
    assert.deepEqual([...new Set(checks.map(({ status }) => status))], ["error"]);
  });

  it("judges no monitoring where the stack has none", () => {
    const ran = start(["--json"], healthy(), false);
    assert.equal(ran.status, 0);
    assert.doesNotMatch(ran.stdout, /"group": "monitoring"/);
  });

  it("prints a line for each check, and what to do for those that fail", () => {
    const state = healthy();
    set("gateway", false)(state);
    const ran = start(["network", "--failures"], state);
    assert.equal(ran.status, 1);
    assert.equal(
      ran.stdout,
      "fail   network: gateway: 192.168.8.1 does not answer\n" +
        "       expected: the LAN's router answers a ping\n" +
        "       to do: look at the router and at the cable of the control plane\n" +
        "4 pass, 1 fail, 0 error\n",
    );
  });

  it("refuses a group that it does not know with exit code 2", () => {
    const ran = start(["clusters"]);
    assert.equal(ran.status, 2);
    assert.match(ran.stderr, /no such group: clusters/);
  });

  it("says 2, and no stack trace, without its settings", () => {
    const ran = spawnSync("python3", ["-B", CHECKS, "--settings", path.join(folder, "none")], {
      encoding: "utf8",
    });
    assert.equal(ran.status, 2);
    assert.match(ran.stderr, /^vmstation-validate: .*No such file/);
  });
});
