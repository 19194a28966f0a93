import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { compose, type SeenMachine } from "../../../scripts/verbs/init/compose";
import { renderFile } from "../../../scripts/verbs/init/render-file";
import { parseSetting } from "../../../scripts/kit/stack-file/setting";
import { checkConfig } from "../../../stacks/check";
import { renderProblems } from "../../../stacks/errors";
import type { StackConfig } from "../../../stacks/schema";
import { HOMELAB, type MachineSpec, NETWORK } from "../../rig/machine-spec";
import { KEY, seen } from "./looks";

const file = z.object({ config: z.record(z.string(), z.unknown()) });

/** A file's configuration with every default filled in. */
function read(text: string): StackConfig {
  const { config } = file.parse(parse(text));
  const values = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("vmstation:", ""), value]),
  );
  const { site, problems } = checkConfig({ values, secretKeys: [] });
  if (site === undefined) throw new Error(renderProblems("rig", problems));
  return site.config;
}

/** A machine as it shows itself on the rig: /dev and /sys of a container, a static address, no resolver of its own. */
function onRig({ name, address, mac, nic }: MachineSpec, index: number): SeenMachine {
  const info = { family: "inet", local: address, prefixlen: NETWORK.prefix };
  return seen(
    index,
    {
      addresses: JSON.stringify([{ ifname: nic, address: mac, addr_info: [info] }]),
      routes: JSON.stringify([{ gateway: NETWORK.controller, dev: nic }]),
      resolv: `nameserver ${NETWORK.controller}`,
      mounts: JSON.stringify({
        filesystems: [{ target: "/", source: "overlay", fstype: "overlay" }],
      }),
    },
    { name, address, user: "ops", sleeps: index > 0 },
  );
}

describe("the configuration that init makes of machines like the rig's", () => {
  it("is the hand-written one, where its owner's wishes are added to what was seen", () => {
    const expected = read(readFileSync(join(__dirname, "../../rig/Pulumi.rig.yaml"), "utf8"));
    for (const machine of Object.values(expected.machines)) {
      Object.assign(machine, { hostKey: KEY, memory: 15_872 * 2 ** 20 });
    }
    const settings = [
      "remote.dialTimeout=3s",
      "node.ntpPool=[10.213.0.1]",
      "node.modules=[]",
      "node.sysctl={ net.core.netdev_max_backlog: null }",
      "apps.jellyfin.machine=spruce",
      'validation.preflight={ kernel: "4.19", memory: 1G, rootDisk: 10G, varDisk: 1G }',
    ].map(parseSetting);
    const composed = compose(HOMELAB.map(onRig));
    const text = renderFile({ composed, stack: "rig", origin: "hosts", settings });
    assert.deepEqual(read(text), expected);
  });
});
