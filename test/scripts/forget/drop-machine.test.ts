import assert from "node:assert/strict";
import * as fc from "fast-check";
import { parseExport } from "../../../scripts/kit/state/deployment";
import { dropResources, findOnMachine } from "../../../scripts/kit/state/drop-machine";
import { commandOn, deployment, found, nodeOf, other, secretCommand } from "./states";

describe("what of the state is on a machine", () => {
  it("is its node, all below it, and each command whose text says so", () => {
    const node = nodeOf("hazel");
    const state = deployment(
      node,
      secretCommand("node-hazel-sshd", { parent: node.urn }),
      commandOn("hazel", "anything"),
      commandOn("maple", "run-hazel"),
      other("host-endpoint-hazel"),
    );
    assert.deepEqual(found(state, "hazel"), ["anything", "node-hazel", "node-hazel-sshd"]);
  });

  it("tells machines apart whose names end alike, also where the text is encrypted", () => {
    const state = deployment(
      nodeOf("x-home"),
      nodeOf("home"),
      secretCommand("trust-x-home"),
      secretCommand("trust-home"),
      secretCommand("trust-y-home"),
    );
    assert.deepEqual(found(state, "home", ["y-home"]), ["node-home", "trust-home"]);
    assert.deepEqual(found(state, "x-home"), ["node-x-home", "trust-x-home"]);
  });
});

/** Resources that refer to earlier ones in every way there is. */
const states = fc
  .array(fc.tuple(fc.constantFrom("alpha", "beta"), fc.array(fc.nat(), { maxLength: 4 })), {
    ...{ minLength: 1, maxLength: 12 },
  })
  .map((list) => {
    const resources: ReturnType<typeof other>[] = [];
    for (const [index, [machine, links]] of list.entries()) {
      const urns = links.flatMap((link) => resources[link % Math.max(index, 1)]?.urn ?? []);
      const [first] = urns;
      resources.push(
        (links.length % 2 === 0 ? commandOn.bind(null, machine) : other)(`r${index}`, {
          ...{ dependencies: urns, propertyDependencies: { stdin: urns, connection: null } },
          ...{
            replaceWith: urns,
            ...(first === undefined ? {} : { deletedWith: first, parent: first }),
          },
          outputs: { index },
        }),
      );
    }
    return deployment(...resources);
  });

describe("a state without a machine", () => {
  it("has no reference to what was dropped, and everything else as it was", () => {
    fc.assert(
      fc.property(states, (state) => {
        const dropped = findOnMachine(state, "alpha", []);
        const after = dropResources(state, dropped);
        const before = JSON.stringify(state);
        const kept = (state.resources ?? []).filter(({ urn }) => !dropped.has(urn));
        assert.deepEqual(
          after.resources?.map(({ urn }) => urn),
          kept.map(({ urn }) => urn),
        );
        for (const [index, resource] of (after.resources ?? []).entries()) {
          const { urn, parent, deletedWith, ...rest } = resource;
          const references = [parent ?? "", deletedWith ?? "", ...(rest.dependencies ?? [])];
          references.push(
            ...(rest.replaceWith ?? []),
            ...Object.values(rest.propertyDependencies ?? {}).flatMap((list) => list ?? []),
          );
          assert.deepEqual(
            references.filter((reference) => dropped.has(reference)),
            [],
            urn,
          );
          assert.equal(resource.outputs, kept[index]?.outputs);
          assert.deepEqual(
            resource.dependencies,
            kept[index]?.dependencies?.filter((each) => !dropped.has(each)),
          );
        }
        assert.deepEqual(after.manifest, state.manifest);
        assert.equal(JSON.stringify(state), before, "the state given is not changed");
      }),
    );
  });

  it("is the very same where nothing is on the machine", () => {
    fc.assert(
      fc.property(states, (state) => {
        assert.deepEqual(dropResources(state, findOnMachine(state, "gamma", [])), state);
      }),
    );
  });

  it("gives what stood below it to the next parent that stays", () => {
    const top = other("top");
    const node = { ...nodeOf("alpha"), parent: top.urn };
    const child = other("child", { parent: node.urn });
    const after = dropResources(deployment(top, node, child), new Set([node.urn]));
    assert.equal(after.resources?.[1]?.parent, top.urn);
  });

  it("has no operation pending on what was dropped", () => {
    const [gone, stays] = [commandOn("alpha", "a"), commandOn("beta", "b")];
    const state = {
      ...deployment(gone, stays),
      pending_operations: [gone, stays].map((resource) => ({ type: "updating", resource })),
    };
    const after = dropResources(state, findOnMachine(state, "alpha", []));
    assert.deepEqual(
      after.pending_operations?.map(({ resource }) => resource.urn),
      [stays.urn],
    );
  });
});

describe("an export of the state", () => {
  it("is read and written without losing anything that is not known here", () => {
    const text = JSON.stringify({
      version: 3,
      deployment: {
        ...{ manifest: { magic: "x" }, secrets_providers: { type: "passphrase" }, metadata: {} },
        resources: [{ urn: "urn:pulumi:a::b::c::d", type: "c", custom: true, taint: false }],
      },
      later: { a: [1, null] },
    });
    assert.deepEqual(JSON.parse(JSON.stringify(parseExport(text))), JSON.parse(text));
  });

  it("of a stack that has nothing yet is read as well", () => {
    const { deployment: empty } = parseExport('{"version":3,"deployment":{"manifest":{}}}');
    assert.deepEqual(dropResources(empty, new Set()), { manifest: {} });
  });

  it("of a form that is not known is refused", () => {
    const odd = '{"version":9,"deployment":{"resources":[{"type":1}]}}';
    assert.throws(() => parseExport(odd), /cannot read the stack's state:\n✖ [^]*version/);
  });
});
