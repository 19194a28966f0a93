import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { findMergers, mergeFormer } from "../../../scripts/kit/state/merge";
import { combineScripts } from "../../../scripts/kit/state/combined-script";
import { findLaterVersion } from "../../../scripts/kit/pulumi/later-version";
import { parseUrn, STACK_TYPE } from "../../../scripts/engine/urn";
import { version } from "../../../stacks/version";
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

describe("a state with the key of Secrets as an earlier version made it", () => {
  const cluster = other("bootstrap", { type: "vmstation:bootstrap:Kubeadm" });
  const PARENT = "urn:pulumi:lab::vmstation::vmstation:bootstrap:Kubeadm";
  const KEY = "MDHdbplRD8etfAYVcFNqrssuJoJXLp8sWxdAFS0ljWw=";
  const RANDOM = "urn:pulumi:lab::vmstation::pulumi:providers:random::default_4_21_2::1";
  const envelope = { ...CIPHERTEXT, ciphertext: "v1:a2V5:b2Y=" };
  const made = {
    ...{ custom: true, parent: `${PARENT}::bootstrap`, protect: true, provider: RANDOM },
    ...{ created: "2026-11-01T00:00:00Z", modified: "2026-11-01T00:00:00Z" },
  };
  const former: StateResource = {
    ...{ ...made, urn: `${PARENT}$random:index/randomBytes:RandomBytes::bootstrap-encryption` },
    ...{ type: "random:index/randomBytes:RandomBytes", id: KEY, importID: KEY },
    inputs: { length: 32 },
    outputs: { base64: envelope, hex: CIPHERTEXT, length: 32 },
    ...{ propertyDependencies: { length: [] }, additionalSecretOutputs: ["base64", "hex"] },
  };
  const today: StateResource = {
    ...{
      ...made,
      urn: `${PARENT}$random:index/randomPassword:RandomPassword::bootstrap-encryption-key`,
    },
    ...{ type: "random:index/randomPassword:RandomPassword", id: "none" },
    inputs: { length: 64, special: false },
    outputs: { result: CIPHERTEXT, length: 64 },
  };
  const user = (name: string, ...keys: StateResource[]): StateResource => {
    const urns = keys.map(({ urn }) => urn);
    return commandOn("alpha", name, {
      ...{ dependencies: urns, propertyDependencies: { stdin: urns }, deletedWith: urns[0] },
    });
  };
  const noKey = ({ resources }: Deployment): void => {
    const text = JSON.stringify(resources);
    for (const each of [KEY, "randomBytes", 'bootstrap-encryption"'])
      assert.ok(!text.includes(each), each);
  };

  it("gets it as a password, encrypted as it is, and the same protection", () => {
    const before = deployment(cluster, former, user("bootstrap-init", former));
    assert.deepEqual(
      findMergers(before).map(({ urn, former: all, blocksDestroy }) => [urn, all, blocksDestroy]),
      [[today.urn, [former], false]],
    );
    const after = mergeFormer(before);
    noKey(after);
    assert.deepEqual(names(after), ["bootstrap", "bootstrap-encryption-key", "bootstrap-init"]);
    const key = find(after, "bootstrap-encryption-key");
    assert.deepEqual(key, {
      ...{ ...made, urn: today.urn, type: today.type, id: "none" },
      inputs: { length: 44, special: false },
      outputs: {
        ...{ __meta: '{"schema_version":"3"}', id: "none", length: 44, special: false },
        ...{ lower: true, upper: true, number: true, numeric: true, result: envelope },
        ...{ minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0 },
      },
      ...{ dependencies: [], propertyDependencies: { length: [], special: [] } },
      additionalSecretOutputs: ["bcryptHash", "result"],
    });
    assert.deepEqual(find(after, "bootstrap-init"), user("bootstrap-init", today));
    assert.deepEqual(findMergers(after), []);
    assert.deepEqual(mergeFormer(after), after);
  });

  it("is refused by an earlier version from then on, which would make another key", () => {
    const root = { urn: "urn:pulumi:lab::vmstation::pulumi:pulumi:Stack::lab", type: STACK_TYPE };
    for (const outputs of [undefined, { version: "0.3.0", name: "x" }]) {
      const before = deployment(outputs === undefined ? root : { ...root, outputs }, former);
      const { resources = [] } = mergeFormer(before);
      assert.equal(findLaterVersion(resources ?? [], "0.3.0"), version);
      assert.deepEqual(resources?.[0]?.outputs, { ...outputs, version });
      const without = deployment({ ...root, outputs }, ...ten("alpha"));
      assert.deepEqual(mergeFormer(without).resources?.[0]?.outputs, outputs);
    }
  });

  it("gets it back where an update has made another one, in any order", () => {
    for (const keys of [
      [former, today],
      [today, former],
    ]) {
      const [first, second] = keys;
      assert.ok(first && second);
      const users = [user("bootstrap-init", first), user("bootstrap-join", former, today)];
      const after = mergeFormer(
        deployment(cluster, first, ...users.slice(0, 1), second, ...users.slice(1)),
      );
      noKey(after);
      assert.deepEqual(names(after), [
        ...["bootstrap", "bootstrap-encryption-key", "bootstrap-init", "bootstrap-join"],
      ]);
      const { outputs } = find(after, "bootstrap-encryption-key");
      assert.deepEqual(outputs, { ...Object(outputs), length: 44, result: envelope });
      for (const name of ["bootstrap-init", "bootstrap-join"])
        assert.deepEqual(find(after, name).dependencies, [today.urn]);
    }
  });

  it("keeps that it is not protected, and forgets an update that was cut", () => {
    const open = { ...former, protect: false };
    const pending = [{ resource: former, type: "creating" }];
    const after = mergeFormer({ ...deployment(cluster, open), pending_operations: pending });
    assert.equal(find(after, "bootstrap-encryption-key").protect, false);
    assert.deepEqual(after.pending_operations, []);
    noKey(after);
  });

  it("is refused where the key is not there, or not encrypted, and does not show it", () => {
    for (const outputs of [{}, undefined, { base64: KEY }, { base64: { ...envelope, more: KEY } }])
      assert.throws(
        () => mergeFormer(deployment(cluster, { ...former, outputs })),
        (error: Error) =>
          /^bootstrap-encryption cannot be converted: .*no encrypted key/.test(error.message) &&
          !error.message.includes(KEY),
      );
  });

  it("leaves random bytes alone that are no such key", () => {
    const urns = [
      `${PARENT}$random:index/randomBytes:RandomBytes::bootstrap-other`,
      "urn:pulumi:lab::vmstation::vmstation:apps:Kubeadm$random:index/randomBytes:RandomBytes::a-encryption",
      `${PARENT}$random:index/randomPassword:RandomPassword::bootstrap-encryption`,
    ];
    const before = deployment(cluster, ...urns.map((urn) => ({ ...former, urn })));
    assert.deepEqual(findMergers(before), []);
    assert.deepEqual(mergeFormer(before), before);
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
