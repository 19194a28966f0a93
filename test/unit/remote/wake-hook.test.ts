import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { createWakeHooks } from "../../../components/remote/wake-hook";
import { recordGraph } from "../../support/mocks";

/** A machine that is marked as away: the hook says so once it has found it, and contacts nobody. */
const away = {
  ...{ name: "alpha", address: "10.0.0.1", sshPort: 22, sshUser: "ops" },
  ...{ sleeps: true, offline: true, patience: 1 },
};

const NOBODY = { unreachable: "nobody is asked" };

/** A secret as it travels between the engine and the SDK. */
function wrapped(value: unknown): object {
  const secret = "1b47061264138c4ac30d75fd1eb44270";
  return { "4dabf18193072939515e22adb298388d": secret, value };
}

/** What the hook ends with, for a resource with such a connection. */
function runHook(connection: unknown, hasKey = true): Promise<string> {
  return runHookOn({ name: "n", newInputs: { connection } }, hasKey);
}

async function runHookOn(
  more: Pick<pulumi.ResourceHookArgs, "name" | "newInputs" | "oldInputs">,
  hasKey = true,
): Promise<string> {
  let found: pulumi.ResourceHook | undefined;
  await recordGraph(() => {
    const lan = { cidr: "10.0.0.0/24", broadcast: "10.0.0.255" };
    const { beforeCreate } = createWakeHooks({
      ...{ machines: [away], lan, relay: undefined, hasKey, controller: NOBODY },
      refuseRemoval: (name) => (name === "old" ? "it stays" : undefined),
    });
    for (const hook of beforeCreate ?? []) if (typeof hook !== "function") found = hook;
  });
  assert.ok(found);
  const args = { urn: "u", id: "i", type: "t", ...more };
  return Promise.resolve(found.callback(args)).then(() => "done", String);
}

describe("the hook before work on a machine", () => {
  it("finds the machine by a connection that is a secret", async () => {
    const connection = pulumi.secret({ host: "10.0.0.1" });
    assert.match(await runHook(connection), /alpha is marked offline/);
  });

  it("says of a removal on a machine that is away that it has to come back for it", async () => {
    const connection = pulumi.secret({ host: "10.0.0.1" });
    const removal = { name: "n", oldInputs: { connection } };
    assert.match(await runHookOn(removal), /is still on it: .* once it is back/);
  });

  it("finds it also if the connection contains another secret, such as a private key", async () => {
    // The SDK takes off one wrapping, and the engine sends two.
    const connection = pulumi.secret(wrapped({ host: "10.0.0.1", privateKey: wrapped("KEY") }));
    assert.match(await runHook(connection), /alpha is marked offline/);
  });

  it("stops before it tries a machine where there is neither a key nor an agent", async () => {
    const before = process.env.SSH_AUTH_SOCK;
    delete process.env.SSH_AUTH_SOCK;
    try {
      const said = await runHook(pulumi.secret({ host: "10.0.0.1" }), false);
      assert.match(said, /alpha is not logged in to: no SSH agent runs here .*ssh-add/);
    } finally {
      if (before !== undefined) process.env.SSH_AUTH_SOCK = before;
    }
  });

  it("refuses a removal that must not be run, and nothing else of that name", async () => {
    const inputs = { connection: pulumi.secret({ host: "10.0.0.1" }) };
    assert.match(await runHookOn({ name: "old", oldInputs: inputs }), /it stays/);
    for (const more of [
      { name: "other", oldInputs: inputs },
      { name: "old", oldInputs: inputs, newInputs: inputs },
    ])
      assert.match(await runHookOn(more), /alpha is marked offline/);
  });

  it("refuses to go on where there is no connection to read", async () => {
    assert.match(await runHook(pulumi.secret({ user: "ops" })), /has no connection/);
  });
});
