import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { reach } from "../../../components/remote/reach";

/** A port of this machine at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("waiting for a machine", () => {
  for (const [sleeps, expected] of [
    [true, "waking alpha (127.0.0.1), for at most 0.1 s"],
    [false, "waiting for alpha (127.0.0.1), for at most 0.1 s"],
  ] as const)
    it(`says for how long at most, before it does: ${expected}`, async () => {
      const { info } = pulumi.log;
      const said: string[] = [];
      pulumi.log.info = (text) => {
        said.push(text);
        return Promise.resolve();
      };
      try {
        const alpha = {
          name: "alpha",
          address: "127.0.0.1",
          sshPort: await freePort(),
          sshUser: "ops",
          hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA",
        };
        const lan = { cidr: "127.0.0.0/8", broadcast: "127.255.255.255" };
        await assert.rejects(
          reach(
            { ...alpha, sleeps, offline: false, patience: 0.1 },
            { machines: [], lan, relay: undefined },
          ),
          /alpha/,
        );
        assert.deepEqual(said, [expected]);
      } finally {
        pulumi.log.info = info;
      }
    });

  it("does not begin without a pinned key: nobody knows who would answer", async () => {
    const machine = {
      name: "alpha",
      address: "127.0.0.1",
      sshPort: await freePort(),
      sshUser: "ops",
    };
    const started = performance.now();
    await assert.rejects(
      reach(
        { ...machine, sleeps: false, offline: false, patience: 30 },
        {
          machines: [],
          lan: { cidr: "127.0.0.0/8", broadcast: "127.255.255.255" },
          relay: undefined,
        },
      ),
      /key of alpha is not pinned.*vmstation trust alpha --stack/,
    );
    assert.ok(performance.now() - started < 10_000);
  });
});
