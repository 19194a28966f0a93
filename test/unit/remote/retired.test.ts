import assert from "node:assert/strict";
import { agentRole } from "../../../components/remote/agent/role";
import { retireStep } from "../../../components/remote/agent/steps";
import { filesStep } from "../../../components/remote/files-step";
import { Sandbox } from "../../support/sandbox";

describe("a machine that was the controller while it was dead", () => {
  it("loses what it still has of it, and nothing else, once another one is", () => {
    const box = new Sandbox();
    const put = (name: string): void => {
      const ran = box.run(filesStep(name, [box.file(`${name}.conf`, `${name}\n`)]), "apply");
      assert.equal(ran.code, 0, ran.stderr);
    };
    for (const name of ["power", "power-credentials", "time"]) put(name);
    box.write("vmstation.prom", "old\n");
    const retired = retireStep(
      agentRole("power"),
      ["power-credentials", "power"],
      [box.at("vmstation.prom")],
    );
    const looked = box.run(retired, "check");
    assert.match(looked.stdout, /drift\tstep\tpower\tanother machine is the controller/);
    assert.ok(box.exists("power.conf"));
    const ran = box.run(retired, "apply");
    assert.equal(ran.code, 0, ran.stderr);
    for (const file of ["power.conf", "power-credentials.conf", "vmstation.prom"])
      assert.ok(!box.exists(file), file);
    assert.equal(box.read("time.conf"), "time\n");
    assert.deepEqual(box.list("state/steps"), ["power-retired", "time"]);
    assert.equal(box.run(retired, "check").code, 0);
    assert.equal(box.run(retired, "remove").code, 0);
    box.remove();
  });
});
