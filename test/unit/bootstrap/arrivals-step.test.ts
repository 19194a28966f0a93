import assert from "node:assert/strict";
import * as fs from "node:fs";
import { arrivalsStep } from "../../../components/bootstrap/members";
import { nodesStep } from "../../../components/bootstrap/common-steps";
import type { Setting, Step } from "../../../components/remote/step";
import { Sandbox } from "../../support/sandbox";
import { argsOf } from "./sites";

const LIBRARY = "/usr/local/lib/vmstation/bootstrap";

describe("the step before machines join, and the one after", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
    fs.mkdirSync(box.at(LIBRARY), { recursive: true });
  });
  afterEach(() => {
    box.remove();
  });

  const moved = (text: string): string =>
    text.replaceAll(LIBRARY, box.at(LIBRARY)).replaceAll("/var/lib/vmstation", box.at("state"));
  const below = (step: Step): Step => ({
    ...step,
    settings: Object.fromEntries(
      Object.entries(step.settings ?? {}).map(([key, value]): [string, Setting] => [
        key,
        typeof value === "string" ? moved(value) : value,
      ]),
    ),
    files: (step.files ?? []).map(({ path: file, content, ...more }) =>
      box.file(file, moved(content), more),
    ),
  });

  it("lay their program down, run it, and find nothing to change where all machines are there", () => {
    const args = argsOf("kubeadm");
    const nodes = args.machines.map(({ name }) => ({
      metadata: {
        name,
        labels: name === "maple" ? { "node-role.kubernetes.io/control-plane": "" } : {},
      },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    }));
    fs.writeFileSync(box.at("nodes"), JSON.stringify({ items: nodes }));
    fs.writeFileSync(
      box.at("kubectl"),
      `#!/bin/sh\nshift 2\ncase "$*" in "get nodes -o json") cat ${box.at("nodes")} ;; "get nodes -o name") printf 'node/%s\\n' hazel maple spruce ;; *) echo "$*" >>${box.at("calls")} ;; esac\n`,
      { mode: 0o755 },
    );
    const its = { files: { kubectl: box.at("kubectl"), kubeconfig: "config" } };
    const arrivals = below(arrivalsStep(args, its));
    const first = box.run(arrivals, "apply");
    assert.equal(first.code, 0, first.stderr);
    assert.ok(box.exists(`${LIBRARY}/members.py`));
    assert.equal(box.run(arrivals, "check").stdout, "");
    const departures = below(nodesStep(args, its));
    const last = box.run(departures, "apply");
    assert.equal(last.code, 0, last.stderr);
    const keys = args.machines.flatMap(({ name, hostKey }) => (hostKey ? [[name, hostKey]] : []));
    assert.deepEqual(
      JSON.parse(box.read("state/bootstrap/host-keys.json")),
      Object.fromEntries(keys),
    );
    const fewer = { ...args, machines: args.machines.filter(({ name }) => name !== "hazel") };
    const refused = box.run(below(arrivalsStep(fewer, its)), "apply");
    assert.match(refused.stderr, /hazel left the configuration .*\n {2}to do: set .*allowRemoval/);
    assert.equal(box.exists("calls") && /drain|delete/.test(box.read("calls")), false);
  });
});
