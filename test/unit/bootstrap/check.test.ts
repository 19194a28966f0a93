import assert from "node:assert/strict";
import { runDigest, runStep } from "../../../components/bootstrap/kubespray/steps";
import { Sandbox, type Ran } from "../../support/sandbox";
import { argsOf } from "./sites";

const args = argsOf("kubespray");
const DIGEST = runDigest(args);

/** The check of the run's step, where the run's unit is in `state` and the planner ends with `code`. */
function check(state: string, code = 0, stdout = "", stderr = ""): Ran {
  const box = new Sandbox();
  const real = runStep(args);
  const [name = "", digest = ""] = state.split(" ");
  const script = `${real.script}
ensure_files() { :; }
long_state() { echo ${name}; }
long_digest() { echo ${digest}; }
run_py() { echo "asked $1" >&2; printf '%s' '${stdout}'; printf '%s' '${stderr}' >&2; return ${code}; }`;
  try {
    const settings = { ...real.settings, KUBESPRAY_HOME: box.root };
    return box.run(
      { ...real, script: script.replace('-d "$KUBESPRAY_HOME/venv"', "-d /"), settings },
      "check",
    );
  } finally {
    box.remove();
  }
}

describe("the drift of a cluster by Kubespray", () => {
  it("is none where a run of this intent has succeeded, and then the planner is not even asked", () => {
    assert.deepEqual(check(`succeeded ${DIGEST}`, 3, "x\n"), { code: 0, stdout: "", stderr: "" });
  });

  it("is the playbooks that another run would take", () => {
    const ran = check("succeeded other", 3, "cluster.yml (settings)\n");
    assert.equal(ran.code, 3);
    assert.equal(
      ran.stdout,
      "drift\tcluster\tkubespray\tthese playbooks are due\n\tcluster.yml (settings)\n",
    );
    assert.equal(check("failed other").code, 0);
  });

  it("is no drift that a run could mend where nobody can tell, or the change is refused, or a run goes on", () => {
    const refused = check("succeeded other", 2, "", "hazel left\nto do: allow it\n");
    assert.deepEqual([refused.code, refused.stdout], [1, ""]);
    assert.match(refused.stderr, /hazel left\nto do: allow it\n.*what is due cannot be told/);
    assert.equal(check("succeeded other", 1, "", "no answer").code, 1);
    assert.match(check(`running ${DIGEST}`).stderr, /a run is going on\n.*bootstrap log --follow/);
  });
});
