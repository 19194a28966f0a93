import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
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
          mac: "02:00:00:00:00:01",
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

  it("says of one that is no machine of the cluster what helps with it, and not what helps with a machine", async () => {
    const host = { name: "pve-b", address: "127.0.0.1", sshUser: "root", offline: false };
    const lan = { cidr: "127.0.0.0/8", broadcast: "127.255.255.255" };
    const foreign = { unreachable: "Switch pve-b on", otherKey: "Compare it" };
    for (const [sleeps, words] of [
      [
        true,
        /^Error: pve-b did not wake: no SSH at \S+ within 0\.1 s of the first .* 02:00:00:00:00:34\. Switch pve-b on$/,
      ],
      [false, /^Error: pve-b does not answer: no SSH at \S+ within 0\.1 s\. Switch pve-b on$/],
    ] as const)
      await assert.rejects(
        reach(
          {
            ...{ ...host, sshPort: await freePort(), sleeps, patience: 0.1, foreign },
            ...{ hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA", mac: "02:00:00:00:00:34" },
          },
          { machines: [], lan, relay: undefined },
        ),
        (error) => words.test(String(error)),
      );
  });

  it("asks the power controller to wake a machine that no magic packet wakes", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "reach-test-"));
    const before = process.env.PATH;
    const { warn } = pulumi.log;
    const said: string[] = [];
    pulumi.log.warn = (text) => {
      said.push(text);
      return Promise.resolve();
    };
    writeFileSync(path.join(folder, "ssh"), `#!/bin/sh\ncat >>${folder}/runs\n`, { mode: 0o755 });
    process.env.PATH = `${folder}:${before ?? ""}`;
    const common = { address: "127.0.0.1", sshUser: "ops", offline: false };
    const virtual = {
      ...{ ...common, name: "alpha", sshPort: await freePort(), sleeps: true, patience: 0.2 },
      hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA",
    };
    const lan = { cidr: "127.0.0.0/8", broadcast: "127.255.255.255" };
    const settings = { machines: [], lan, relay: undefined };
    const controller = { machine: { ...common, name: "maple", sshPort: 22, sleeps: false } };
    try {
      await assert.rejects(
        reach(virtual, { ...settings, controller }),
        /alpha did not wake.*in Proxmox/,
      );
      const ran = readFileSync(path.join(folder, "runs"), "utf8");
      assert.match(ran, /vmstation-wake\.sh[^]*"\$entry" 'alpha' --no-wait --why 'pulumi up'/);
      assert.deepEqual(said, []);
      const away = { unreachable: "the controller maple is marked offline" };
      await assert.rejects(
        reach(virtual, { ...settings, controller: away }),
        /Start it in Proxmox/,
      );
      assert.match(String(said[0]), /alpha was not woken: the controller maple is marked offline/);
    } finally {
      process.env.PATH = before;
      pulumi.log.warn = warn;
      rmSync(folder, { recursive: true });
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
