import assert from "node:assert/strict";
import * as fc from "fast-check";
import { VM_NAME } from "../../../scripts/kit/proxmox/vm-name";
import { printable } from "../../../scripts/kit/terminal/printable";
import { renderText } from "../../../scripts/verbs/drift/render";
import { addVirtual } from "../../../scripts/verbs/drift/virtual";
import {
  exitCodeOf,
  type MachineReport,
  renderReport,
  type ResourceReport,
  type ResourceStatus,
} from "../../../scripts/kit/look/report";
import { Style } from "../../../scripts/kit/terminal/style";
import { anyText } from "../../support/any-text";

const PLAIN = new Style(false, 100);

function resource(status: ResourceStatus, more: Partial<ResourceReport> = {}): ResourceReport {
  return { urn: "urn:a", name: "a", status, reason: null, differences: [], fix: null, ...more };
}

function machine(more: Partial<MachineReport> = {}): MachineReport {
  return {
    ...{ machine: "m", address: "10.0.0.1", status: "looked-at", error: null },
    ...{ sessions: 1, seconds: 0.5, resources: [], confirmations: [] },
    ...more,
  };
}

function codeOf(...statuses: ResourceStatus[]): number {
  return exitCodeOf([machine({ resources: statuses.map((status) => resource(status)) })]);
}

describe("the report of a look", () => {
  it("ends with 0 where all is as described, mended, asleep, away or not to be compared", () => {
    assert.equal(codeOf("as-described", "mended", "asleep", "offline", "not-compared"), 0);
    assert.equal(exitCodeOf([machine({ status: "asleep" }), machine({ status: "offline" })]), 0);
  });

  it("ends with 1 where something has drifted", () => {
    assert.equal(codeOf("as-described", "drifted"), 1);
  });

  it("ends with 2 where something could not be checked, drift or not", () => {
    fc.assert(
      fc.property(fc.subarray<ResourceStatus>(["as-described", "drifted", "mended"]), (others) => {
        assert.equal(codeOf(...others, "could-not-look"), 2);
        const resources = others.map((status) => resource(status));
        assert.equal(exitCodeOf([machine({ resources }), machine({ status: "unreachable" })]), 2);
      }),
    );
  });

  it("tells what is left alone at a resource that is as described", () => {
    const found = { kind: "vm", name: "scsi1", reason: "is its owner's", details: null };
    const resources = [resource("as-described", { differences: [found] })];
    const told = renderReport("s", [machine({ resources })]);
    assert.equal(told.exitCode, 0);
    assert.match(renderText(told, PLAIN), /vm scsi1: is its owner's/);
  });

  it("ends with 1 where what confirms a fix has failed: the fix may undo itself", () => {
    const failed = { urn: "urn:r", name: "ready", outcome: "failed", error: "no" } as const;
    const resources = [resource("mended")];
    assert.equal(exitCodeOf([machine({ resources, confirmations: [failed] })]), 1);
  });

  it("says of a virtual machine in Proxmox what is wrong while it sleeps, and no --fix", () => {
    const differences = [{ kind: "vm", name: "cores", reason: "is 2, not 4", details: null }];
    const reason = "to do: npx vmstation refresh";
    const one = resource("drifted", { name: VM_NAME, reason, differences });
    const blind = resource("could-not-look", { name: VM_NAME, reason: "Proxmox does not answer" });
    const asleep = [machine({ status: "asleep" }), machine({ status: "asleep", machine: "n" })];
    const both = addVirtual(
      asleep,
      new Map([
        ["m", one],
        ["n", blind],
      ]),
    );
    assert.deepEqual(
      both.map(({ resources }) => resources),
      [[one], [blind]],
    );
    const text = renderText(renderReport("s", both), PLAIN);
    for (const part of [reason, "vm cores: is 2, not 4", "Proxmox does not answer"])
      assert.ok(text.includes(part), text);
    assert.ok(!text.includes("--fix"), text);
  });

  it("shows people what has drifted, with the diff, and sums up", () => {
    const differences = [
      { kind: "sysctl", name: "vm.x", reason: "is 0, not 1", details: null },
      { kind: "file", name: "/etc/a", reason: "content differs", details: "-one\n+two" },
    ];
    const resources = [
      resource("drifted", { name: "node-m-kernel", differences }),
      resource("as-described"),
      resource("not-compared", { name: "secret", reason: "it is unknown" }),
    ];
    const text = renderText(renderReport("lab", [machine({ resources })]), PLAIN);
    assert.equal(
      text,
      `m (10.0.0.1): 1 drifted, 1 as described
  node-m-kernel: drifted
    sysctl vm.x: is 0, not 1
    file /etc/a: content differs
      -one
      +two
  not compared, as it is unknown: secret

3 resources on 1 machine: 1 drifted, 1 as described, 1 not compared; 1 SSH session
To repair what has drifted: npx vmstation drift --fix --stack lab
`,
    );
  });

  it("cuts a long diff for people and says so", () => {
    const details = Array.from({ length: 100 }, (_, line) => `+line ${line}`).join("\n");
    const differences = [{ kind: "file", name: "/a", reason: "differs", details }];
    const report = renderReport("lab", [
      machine({ resources: [resource("drifted", { differences })] }),
    ]);
    const text = renderText(report, PLAIN);
    assert.match(text, /\+line 39\n {6}… 60 more lines \(--json has them\)\n/);
    assert.doesNotMatch(text, /line 40\n/);
  });

  it("lets nothing that a machine says steer the terminal", () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const differences = [{ kind: text, name: text, reason: text, details: text }];
        const resources = [resource("drifted", { name: "x", differences })];
        const shown = renderText(renderReport("lab", [machine({ resources, error: text })]), PLAIN);
        const steering = (shown.match(/\p{Cc}/gu) ?? []).filter((c) => c !== "\n" && c !== "\t");
        assert.deepEqual(steering, []);
      }),
    );
    assert.equal(printable("a\x1b[31mb\r\tc"), "a\\x1b[31mb\\x0d\tc");
  });

  it("shows nothing of the carriage return that ends a line of ssh's", () => {
    assert.equal(printable("refused\r\nclosed\r"), "refused\nclosed");
  });
});
