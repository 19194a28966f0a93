import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { z } from "zod";
import { renderSettings } from "../../../components/validation/render-settings";
import { healthy, node, NOW, pod } from "./cluster-state";
import { CLUSTER_FAULTS } from "./cluster-faults";
import { add, nodesWith, set } from "./fault";
import { SERVICE_FAULTS } from "./service-faults";
import { BATCH, batch, CHECKS, expected, judge, site, start } from "./run-checks";

const FAULTS = [...CLUSTER_FAULTS, ...SERVICE_FAULTS];

describe("vmstation-validate", () => {
  it("passes a healthy cluster whose storage node is asleep on purpose", () => {
    const { code, status, checks } = judge(healthy());
    assert.deepEqual(
      checks.filter((check) => check.status !== "pass"),
      [],
    );
    assert.deepEqual([code, status], [0, "pass"]);
    assert.deepEqual(
      [...new Set(checks.map(({ group }) => group))],
      "cluster endpoint monitoring network nodes hypervisor pods storage services certificates time".split(
        " ",
      ),
    );
  });

  it("passes where a machine that the configuration calls offline is dead, and only there", () => {
    const state = healthy();
    nodesWith(node("spruce", "Unknown", { "vmstation.io/power-state": "failed" }))(state);
    const machines = site.machines.map((m) => ({ ...m, offline: m.name === "spruce" }));
    const { status, checks } = judge(state, [], CHECKS, machines);
    assert.deepEqual(
      checks.filter((check) => check.status !== "pass"),
      [],
    );
    assert.equal(status, "pass");
    assert.equal(
      checks.find(({ name }) => name === "machines ready")?.found,
      "2 Ready, 0 asleep, 1 offline",
    );
    assert.equal(judge(state).status, "fail");
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

  it("continues with any answer of a source: checks that do not use it find the same as before", () => {
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
});
