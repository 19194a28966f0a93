import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { renderLogScript, runName } from "../../../scripts/verbs/bootstrap-log/log-request";
import { methodOf } from "../../../components/bootstrap/methods";
import { renderQuestion } from "../../../components/bootstrap/kubespray/question";
import { parseAnswer } from "../../../scripts/verbs/bootstrap-plan/planner";
import { renderAnswer } from "../../../scripts/verbs/bootstrap-plan/render";
import { argsOf } from "../../unit/bootstrap/sites";

const said = (code: number, stdout: string, stderr = "") => ({ code, stdout, stderr });

describe("asking the control plane what is due", () => {
  it("sends a planner that works on a machine where nothing is installed, and leaves nothing there", () => {
    const script = renderQuestion(argsOf("kubespray")).replaceAll("/run/", "/tmp/");
    const ran = spawnSync("sh", ["-eus"], { input: script, encoding: "utf8" });
    // This computer has no cluster: the answer is the first installation.
    assert.deepEqual(parseAnswer("maple", said(ran.status ?? 255, ran.stdout, ran.stderr)), {
      steps: ["cluster.yml (the first installation)"],
      refused: null,
    });
    const left = spawnSync("sh", ["-c", "ls -d /tmp/vmstation-ask.*"], { encoding: "utf8" });
    assert.equal(left.stdout, "");
  });

  it("tells steps, nothing due, and a refusal with its way out apart", () => {
    const steps = { steps: ["a (why)", "b"], refused: null };
    assert.deepEqual(parseAnswer("m", said(3, "a (why)\nb\n")), steps);
    assert.equal(renderAnswer("m", steps), "Playbooks that m will run:\n  1. a (why)\n  2. b\n");
    assert.match(renderAnswer("m", parseAnswer("m", said(0, ""))), /No playbook has to run/);
    const refused = parseAnswer("m", said(2, "", "it skips a version\nto do: go by 1.34\n"));
    assert.deepEqual(refused.refused, { why: "it skips a version", advice: "go by 1.34" });
    assert.throws(
      () => parseAnswer("m", said(255, "", "Permission denied")),
      /could not compare .*255/s,
    );
  });
});

describe("the request for a log", () => {
  it("names the run that the method has on that machine", () => {
    assert.equal(runName(methodOf({ method: "kubespray" }).runs, true, false), "kubespray");
    assert.equal(
      runName(methodOf({ method: "kubespray" }).runs, true, true),
      "kubespray-controller",
    );
    assert.equal(runName(methodOf({ method: "kubeadm" }).runs, true, false), "kubeadm-init");
    assert.equal(runName(methodOf({ method: "kubeadm" }).runs, false, false), "kubeadm-join");
    assert.equal(runName(methodOf({ method: "rke2" }).runs, false, true), "rke2");
  });

  it("is a script that calls with the count and whether to follow, and nothing that a user typed", () => {
    const script = renderLogScript({ run: "kubespray", lines: 7, follow: true });
    assert.match(script, /\nlog_run kubespray 7 follow <\/dev\/null\n$/);
  });
});
