import assert from "node:assert/strict";
import { z } from "zod";
import { collect } from "../../../scripts/verbs/diagnose/collect";
import type { Change } from "../../support/homelab";
import { homelabSite } from "../../support/site";
import { HOST_KEY, OperationsLab } from "../operations/lab";
import { layOut, report, VALIDATION } from "./diagnose-lab";

describe("in a diagnosis one thing that is broken", () => {
  let lab: OperationsLab;

  beforeEach(() => {
    lab = new OperationsLab();
    layOut(lab);
  });
  afterEach(() => {
    lab.remove();
  });

  async function diagnose(): Promise<z.infer<typeof report>> {
    const { code, stderr } = await lab.run("diagnose", "--output", lab.at("evidence"));
    assert.equal(code, 0, stderr);
    return report.parse(JSON.parse(lab.read("evidence/report.json")));
  }

  it("a machine that cannot be asked at all, is a part of the report", async () => {
    const pinned: Change = [["machines", "maple", "hostKey"], HOST_KEY];
    const machine = homelabSite(pinned).machines.find(({ name }) => name === "maple");
    if (machine === undefined) throw new Error("the homelab has no maple");
    const run = (): Promise<never> => Promise.reject(new Error("spawn ssh EMFILE"));
    const operator = { controller: machine, run };
    const evidence = await collect({ operator, machine, onProgress: () => undefined });
    assert.deepEqual(
      [evidence.machine, evidence.status, evidence.error, evidence.sections],
      [machine.name, "could-not-look", "spawn ssh EMFILE", []],
    );
  });

  it("a check of the validation, is named, and every other failed check is there", async () => {
    const checks = [
      { group: 1 },
      ...z.object({ checks: z.array(z.unknown()) }).parse(JSON.parse(VALIDATION)).checks,
    ];
    lab.write("maple/validate", `#!/bin/sh\necho '${JSON.stringify({ checks })}'\n`, 0o755);
    const { findings } = await diagnose();
    assert.deepEqual(
      findings.filter((finding) => /a check|crash/.test(finding)),
      [
        'maple: a check of the validation is not understood: {"group":1}',
        "pods: crash loops: default/web (to do: kubectl logs --previous POD)",
      ],
    );
  });

  it("a section whose answer cannot be kept, is named, and every later one is there", async () => {
    const gone = `#!/bin/sh\nrm -rf "$MACHINE_ROOT"/vmstation-diagnose.*\n`;
    lab.write("bin/free", gone, 0o755);
    const { machines } = await diagnose();
    const machine = machines.find((each) => each.machine === "maple");
    assert.equal(machine?.status, "collected");
    const textOf = (name: string): string =>
      machine.sections.find((section) => section.name === name)?.text ?? "";
    assert.match(textOf("memory"), /its output could not be kept/);
    assert.notEqual(textOf("disks"), "");
    assert.notEqual(textOf("nodes"), "");
  });
});
