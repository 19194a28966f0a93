import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { findMergers, mergeFormer } from "../../../scripts/kit/state/merge";
import { combineScripts } from "../../../scripts/kit/state/combined-script";
import { parseUrn } from "../../../scripts/engine/urn";
import type { Deployment, StateResource } from "../../../scripts/kit/state/deployment";
import { chooseSeed, countCases } from "../../support/cases";
import { CIPHERTEXT, commandOn, deployment, nodeOf, other } from "../forget/states";

const FORMER = ["identity", "packages", "kernel", "storage", "time", "logs", "firewall", "sshd"];
const REMOVE = "sudo -n sh -eus remove";

/** A machine as ten resources in a chain, the way it was before they were grouped. */
function ten(machine: string): StateResource[] {
  const node = nodeOf(machine);
  let previous: string | undefined;
  const chain = [...FORMER, "confirm", "ready"].map((step) => {
    const made = commandOn(machine, `node-${machine}-${step}`, {
      parent: node.urn,
      inputs: {
        connection: CIPHERTEXT,
        delete: REMOVE,
        stdin: `# ${step} on ${machine}\necho ${step} "$1"\n`,
      },
      ...(previous === undefined ? {} : { dependencies: [previous] }),
    });
    previous = made.urn;
    return made;
  });
  return [node, ...chain];
}

function nameOf(urn: string): string {
  return parseUrn(urn).name;
}

function names({ resources }: Deployment): string[] {
  return (resources ?? []).map(({ urn }) => nameOf(urn));
}

function find(state: Deployment, name: string): StateResource {
  const found = state.resources?.find(({ urn }) => nameOf(urn) === name);
  assert.ok(found, name);
  return found;
}

function runScript(script: unknown, verb: string): string {
  assert.ok(typeof script === "string");
  const { stdout, stderr, status } = spawnSync("sh", ["-eus", verb], {
    input: script,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

describe("a state of the version with ten resources for each machine", () => {
  const last = ten("alpha").at(-1)?.urn ?? "";
  const before = deployment(
    ...ten("alpha"),
    ...ten("beta"),
    other("after", { dependencies: [last, ten("alpha")[8]?.urn ?? ""] }),
  );
  const after = mergeFormer(before);

  it("gets today's names, and loses nothing else", () => {
    assert.deepEqual(names(after), [
      ...["node-alpha", "node-alpha-system", "node-alpha-access"],
      ...["node-alpha-confirm", "node-alpha-ready"],
      ...["node-beta", "node-beta-system", "node-beta-access"],
      ...["node-beta-confirm", "node-beta-ready", "after"],
    ]);
    assert.deepEqual(findMergers(after), []);
    assert.deepEqual(mergeFormer(after), after);
  });

  it("keeps the order: each waits for what took the place of what it waited for", () => {
    const waits = (name: string): string[] => (find(after, name).dependencies ?? []).map(nameOf);
    assert.deepEqual(waits("node-alpha-system"), []);
    assert.deepEqual(waits("node-alpha-access"), ["node-alpha-system"]);
    assert.deepEqual(waits("node-alpha-confirm"), ["node-alpha-access"]);
    assert.deepEqual(waits("after"), ["node-alpha-ready", "node-alpha-access"]);
    const seen = new Set<string>();
    for (const { urn, dependencies } of after.resources ?? []) {
      for (const needed of dependencies ?? []) assert.ok(seen.has(needed), `${urn}: ${needed}`);
      seen.add(urn);
    }
  });

  it("removes until the next update exactly what the former ones would, in their reverse order", () => {
    const { inputs } = find(after, "node-alpha-system");
    assert.equal(inputs?.delete, REMOVE);
    assert.equal(
      runScript(inputs.stdin, "remove"),
      "logs remove\ntime remove\nstorage remove\nkernel remove\npackages remove\nidentity remove\n",
    );
    const access = find(after, "node-alpha-access").inputs?.stdin;
    assert.equal(runScript(access, "remove"), "sshd remove\nfirewall remove\n");
    assert.match(String(access), /^# access on alpha\n/);
  });

  it("drops the former ones if an update has already made today's beside them", () => {
    const [node, ...chain] = ten("alpha");
    assert.ok(node);
    const system = commandOn("alpha", "node-alpha-system", { parent: node.urn });
    const access = commandOn("alpha", "node-alpha-access", { parent: node.urn });
    const half = mergeFormer(deployment(node, system, access, ...chain));
    assert.deepEqual(names(half), [
      ...["node-alpha", "node-alpha-system", "node-alpha-access"],
      ...["node-alpha-confirm", "node-alpha-ready"],
    ]);
    assert.deepEqual(find(half, "node-alpha-system"), system);
  });

  it("is merged also if the update that made it was interrupted", () => {
    const cut = { ...deployment(...ten("alpha").slice(0, 4)) };
    const pending = [{ resource: { urn: ten("alpha")[4]?.urn ?? "" }, type: "creating" }];
    const merged = mergeFormer({ ...cut, pending_operations: pending });
    assert.deepEqual(names(merged), ["node-alpha", "node-alpha-system"]);
    assert.deepEqual(merged.pending_operations, []);
  });

  it("is refused where a removal cannot be read", () => {
    const [node, ...chain] = ten("alpha");
    assert.ok(node);
    const hidden = chain.map((each, index) =>
      index === 2 ? { ...each, inputs: { ...each.inputs, stdin: CIPHERTEXT } } : each,
    );
    assert.throws(() => mergeFormer(deployment(node, ...hidden)), /node-alpha-kernel cannot be/);
  });

  it("leaves a machine alone that is called like a former resource", () => {
    const node = nodeOf("my-firewall");
    const system = commandOn("my-firewall", "node-my-firewall-system", { parent: node.urn });
    assert.deepEqual(findMergers(deployment(node, system)), []);
  });
});

describe("scripts that one resource runs in the place of several", function () {
  this.timeout(600_000);

  it("arrive unchanged, with any characters", () => {
    const line = fc.constantFrom(
      "END_OF_SCRIPT",
      "END_OF_SCRIPT_",
      "$1",
      "`x`",
      "\\",
      "'",
      "EOF",
      "é",
    );
    fc.assert(
      fc.property(fc.array(fc.array(line), { minLength: 1, maxLength: 3 }), (texts) => {
        const parts = texts.map((lines) => ["cat <<'THE END'", ...lines, "THE END", ""].join("\n"));
        const expected = [...texts].reverse().flatMap((lines) => lines.map((each) => `${each}\n`));
        assert.equal(runScript(combineScripts("a", "m", parts), "remove"), expected.join(""));
      }),
      { numRuns: countCases(20), seed: chooseSeed() },
    );
  });

  it("stop at the first that fails", () => {
    const script = combineScripts("a", "m", ["echo first\n", "exit 4\n"]);
    const { status, stdout } = spawnSync("sh", ["-eus", "remove"], { input: script });
    assert.deepEqual([status, String(stdout)], [4, ""]);
  });
});
