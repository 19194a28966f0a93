import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { createAccess } from "../../../stacks/access";
import { HYPERVISOR_KEY, keyed } from "../../support/hypervisor";
import { recordGraph } from "../../support/mocks";
import { homelabSite } from "../../support/site";
import { siteOf } from "./layer-choices";

const SITE = siteOf({
  ...{ method: "kubespray", machines: "two", sleeps: "nothing", apps: "none" },
  ...{ monitoring: false, backup: false },
});

/** What the hook before a removal ends with, on a machine that the configuration does not have. */
async function removeFromLeaver(
  isClusterDone: boolean,
  name = "node-gone-system",
): Promise<string> {
  let hook: pulumi.ResourceHook | undefined;
  await recordGraph(() => {
    const stack = { name: "test", site: SITE, warnings: [], secrets: () => undefined };
    const { hooks } = createAccess(stack, () => isClusterDone);
    for (const each of hooks?.beforeDelete ?? []) if (typeof each !== "function") hook = each;
  });
  assert.ok(hook);
  const args = { urn: "u", id: "i", name, type: "t" };
  const oldInputs = { connection: { host: "192.0.2.99" } };
  return Promise.resolve(hook.callback({ ...args, oldInputs })).then(() => "done", String);
}

describe("a hypervisor's host that the key of a machine is brought to", () => {
  it("is looked at before, and named where it is off", async () => {
    const closed = createServer().listen(0, "127.0.0.9");
    await once(closed, "listening");
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const site = homelabSite(
      ...keyed(),
      [["hypervisor", "hosts", "pve-a", "address"], "127.0.0.9"],
      [["hypervisor", "hosts", "pve-a", "ssh"], { hostKey: HYPERVISOR_KEY, port }],
      [["remote", "privateKeySecret"], "logInKey"],
      [["remote", "dialAttempts"], 1],
      [["remote", "dialTimeout"], "1s"],
    );
    let hook: pulumi.ResourceHook | undefined;
    await recordGraph(() => {
      const stack = { name: "test", site, warnings: [], secrets: () => pulumi.secret("KEY") };
      for (const each of createAccess(stack).hooks?.beforeCreate ?? [])
        if (typeof each !== "function") hook = each;
    });
    assert.ok(hook);
    const args = { urn: "u", id: "i", name: "hypervisor-host-key-pve-a-maple", type: "t" };
    const newInputs = { connection: { host: "127.0.0.9" } };
    await assert.rejects(
      Promise.resolve(hook.callback({ ...args, newInputs })),
      /^Error: pve-a does not answer: .* It must be on while SSH host keys .* \(maple\)/,
    );
  });
});

describe("a virtual address that has left the configuration", () => {
  it("stays on its machines until an update has taken it out of the cluster", async () => {
    const name = "bootstrap-endpoint-maple";
    assert.match(
      await removeFromLeaver(false, name),
      /bootstrap-endpoint-maple stays: .*machines still use it/,
    );
    assert.equal(await removeFromLeaver(true, name), "done");
  });
});

describe("a machine that has left the configuration", () => {
  it("keeps all that is on it until an update has taken it out of the cluster", async () => {
    assert.match(
      await removeFromLeaver(false),
      /node-gone-system stays: .* forget MACHINE --stack/,
    );
    assert.equal(await removeFromLeaver(true), "done");
  });

  it("loses it in a destroy, which takes everything away", async () => {
    const before = process.env.VMSTATION_DESTROYS;
    process.env.VMSTATION_DESTROYS = "1";
    try {
      assert.equal(await removeFromLeaver(false), "done");
    } finally {
      if (before === undefined) delete process.env.VMSTATION_DESTROYS;
      else process.env.VMSTATION_DESTROYS = before;
    }
  });
});
