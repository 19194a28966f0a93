import assert from "node:assert/strict";
import { z } from "zod";
import { renderRunStep } from "../../components/validation/validation";
import { reportSchema } from "../../scripts/kit/validation-report";
import { putToSleep, wakeUp } from "../cluster/nodes";
import { requireTools } from "../cluster/use-cluster";
import { MIXED } from "./machine-spec";
import { useRig } from "./use-rig";
import { CLUSTER_CASES } from "./validate/cluster-cases";
import type { FaultCase } from "./validate/fault-case";
import { ValidationLab } from "./validate/lab";
import { MACHINE_CASES } from "./validate/machine-cases";

const CASES = [...CLUSTER_CASES, ...MACHINE_CASES];

const document = reportSchema.extend({ version: z.literal(1), stack: z.literal("rig") });

/** "CHECK: FOUND" held against what is expected of it, in one text each so that a difference shows. */
function compare(found: ReadonlyMap<string, string>, expected: FaultCase["fails"] = {}): void {
  assert.deepEqual([...found.keys()].sort(), Object.keys(expected).sort());
  for (const [check, text] of Object.entries(expected)) assert.match(found.get(check) ?? "", text);
}

describe("the checks on machines and a cluster with a fault", () => {
  let started: ValidationLab | undefined;
  // Before the rig goes, whose network it is on.
  after(() => started?.stop());

  const getRig = useRig({ machines: MIXED });
  let lab: ValidationLab;

  before(async function () {
    requireTools(this);
    lab = started = await ValidationLab.start(getRig());
    await settle("all");
  });

  async function validate(...args: string[]) {
    const { code, stdout, stderr } = await lab.validate(...args, "--json");
    assert.notEqual(stdout, "", stderr);
    return { code, ...document.parse(JSON.parse(stdout)) };
  }

  /** Until nothing of a group fails any more. */
  async function settle(group: string): Promise<void> {
    const command = `vmstation-validate ${group} --failures --wait 90`;
    const { code, stdout } = await lab.control.exec(command, { anyCode: true });
    assert.equal(code, 0, stdout);
  }

  it("are installed by their layer's step, which finds nothing to change afterwards", async () => {
    const { stdout } = await lab.perform(lab.installStep(), "check");
    assert.equal(stdout, "");
  });

  it("pass where nothing is wrong, and each has a case of its own here", async () => {
    const { code, status, checks } = await validate("all");
    const bad = checks.filter((check) => check.status !== "pass");
    assert.deepEqual([code, status, bad], [0, "pass", []]);
    const tried = new Set(
      CASES.flatMap(({ group, fails = {} }) =>
        Object.keys(fails).map((check) => `${group}: ${check}`),
      ),
    );
    const names = checks.map(({ group, name }) => `${group}: ${name}`);
    assert.deepEqual(new Set(names), tried);
  });

  it("pass where a machine is asleep on purpose", async () => {
    const setState = (state: string | null): Promise<void> =>
      lab.cluster.api.merge("/api/v1/nodes/spruce", {
        metadata: { labels: { "vmstation.io/power-state": state } },
      });
    await putToSleep(lab.cluster, "spruce");
    await setState("asleep");
    await lab.rig.machine("spruce").freeze();
    try {
      const { code, checks } = await validate("all");
      assert.deepEqual([code, checks.filter(({ status }) => status !== "pass")], [0, []]);
    } finally {
      await lab.rig.machine("spruce").thaw();
      await setState(null);
      await wakeUp(lab.cluster, "spruce");
    }
  });

  for (const each of CASES) {
    const { what, group, fails, unseen } = each;
    it(`${group}: ${what}`, async () => {
      await each.break(lab);
      try {
        const { code, status, checks } = await validate(group);
        const told = (outcome: string): Map<string, string> =>
          new Map(
            checks
              .filter((check) => check.status === outcome)
              .map(({ name, found }) => [name, found]),
          );
        compare(told("fail"), fails);
        compare(told("error"), unseen);
        assert.deepEqual([code, status], fails ? [1, "fail"] : [2, "error"]);
        for (const { advice } of checks.filter((check) => check.status !== "pass"))
          assert.notEqual(advice, "");
      } finally {
        await each.mend(lab);
      }
      await settle(group);
    });
  }

  it("end the graph: an update fails that leaves something wrong, and says what", async () => {
    const step = renderRunStep({ wait: 0 }, "digest");
    const { stdout } = await lab.perform(step, "apply");
    assert.equal(reportSchema.parse(JSON.parse(stdout)).status, "pass");
    await lab.writeCertificate("/etc/kubernetes/ssl/apiserver.crt", -2);
    try {
      const { code, stderr } = await lab.perform(step, "apply", true);
      assert.notEqual(code, 0);
      assert.match(stderr, /^ {2}fail {3}certificates: validity: .* ended 2 days ago$/m);
      assert.match(stderr, /the cluster is not as described/);
    } finally {
      await lab.writeCertificate("/etc/kubernetes/ssl/apiserver.crt", 365);
    }
  });

  it("show a person what was found and what to do, by SSH", async () => {
    await lab.writeZone("kubernetes.default.svc.cluster.local 10.96.0.1\n");
    try {
      const { code, stdout } = await lab.validate("network", "time", "--failures");
      assert.equal(code, 1);
      assert.equal(
        stdout,
        "fail   network: external DNS: debian.org: no such name\n" +
          "       expected: the cluster's DNS knows debian.org\n" +
          "       to do: look at CoreDNS: kubectl -n kube-system logs -l k8s-app=kube-dns\n" +
          "6 pass, 1 fail, 0 could not be checked\n",
      );
    } finally {
      await lab.writeZone();
    }
  });
});
