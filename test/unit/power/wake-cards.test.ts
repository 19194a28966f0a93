import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { isSleeper } from "../../../components/power/names";
import { agentStep } from "../../../components/power/steps";
import { powerSchema } from "../../../components/power/config";
import { WAKE_CARDS } from "../../../components/power/wake-cards";
import { Sandbox } from "../../support/sandbox";
import { COMPUTE } from "./fixtures";

interface Interface {
  readonly mac?: string;
  readonly hardware?: boolean;
  /** Its address before it was a bond's. */
  readonly permanent?: string;
  readonly madeOf?: readonly string[];
}

/** Interfaces as /sys/class/net shows them. */
const NETWORKS: Readonly<Record<string, Readonly<Record<string, Interface>>>> = {
  "a card": { eno1: { mac: "aa:00", hardware: true }, eno2: { mac: "bb:00", hardware: true } },
  "a container's veth": { eno1: { mac: "aa:00" } },
  "a bridge, with a guest's tap on it": {
    eno1: { madeOf: ["enp3s0", "tap0"], mac: "cc:00" },
    enp3s0: { mac: "aa:00", hardware: true },
    tap0: { mac: "dd:00" },
  },
  "a VLAN's bridge on a bond": {
    eno1: { madeOf: ["bond0.7"], mac: "cc:00" },
    "bond0.7": { madeOf: ["bond0"], mac: "cc:00" },
    bond0: { madeOf: ["enp3s0", "enp4s0"], mac: "cc:00" },
    enp3s0: { mac: "cc:00", permanent: "AA:00", hardware: true },
    enp4s0: { mac: "cc:00", permanent: "bb:00", hardware: true },
  },
};

describe("the cards that a magic packet reaches", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
  });
  afterEach(() => {
    box.remove();
  });

  const build = (network: string): void => {
    for (const [name, made] of Object.entries(NETWORKS[network] ?? {})) {
      fs.mkdirSync(box.at(`net/${name}/bonding_slave`), { recursive: true });
      box.write(`net/${name}/address`, `${made.mac ?? ""}\n`);
      if (made.hardware) fs.mkdirSync(box.at(`net/${name}/device`));
      if (made.permanent) box.write(`net/${name}/bonding_slave/perm_hwaddr`, `${made.permanent}\n`);
      for (const lower of made.madeOf ?? [])
        fs.symlinkSync(`../${lower}`, box.at(`net/${name}/lower_${lower}`));
    }
  };

  const ask = (network: string, ...words: string[]): string[] => {
    build(network);
    const env = { PATH: process.env.PATH, NETWORK: box.at("net") };
    const ran = spawnSync("sh", ["-s", ...words], { input: WAKE_CARDS, env, encoding: "utf8" });
    assert.equal(ran.stderr, "");
    return ran.stdout.split("\n").slice(0, -1);
  };

  for (const [network, mac, cards] of [
    ["a card", "aa:00", ["eno1"]],
    // Of another card: this is the one that is configured.
    ["a card", "bb:00", ["eno1"]],
    ["a container's veth", "aa:00", ["eno1"]],
    ["a bridge, with a guest's tap on it", "aa:00", ["enp3s0"]],
    ["a bridge, with a guest's tap on it", "", ["enp3s0"]],
    ["a VLAN's bridge on a bond", "aa:00", ["enp3s0"]],
    ["a VLAN's bridge on a bond", "cc:00", ["enp3s0", "enp4s0"]],
    ["a VLAN's bridge on a bond", "ee:00", ["enp3s0", "enp4s0"]],
  ] as const) {
    it(`of ${network} with the address "${mac}": ${cards.join(" ")}`, () => {
      assert.deepEqual(ask(network, "eno1", mac), cards);
    });
  }

  it("are those of the interface that has an address, where only that is known", () => {
    build("a bridge, with a guest's tap on it");
    const ip = (said: string): { code: number | null; stdout: string; stderr: string } => {
      box.write(
        "ip",
        `#!/bin/sh\n[ "$*" = "-o -4 address show to 192.0.2.9" ] && echo '${said}'\n`,
      );
      fs.chmodSync(box.at("ip"), 0o755);
      const env = { PATH: `${box.root}:${process.env.PATH ?? ""}`, NETWORK: box.at("net") };
      const input = { input: WAKE_CARDS, env, encoding: "utf8" } as const;
      const { status: code, stdout, stderr } = spawnSync("sh", ["-s", "192.0.2.9", "aa:00"], input);
      return { code, stdout, stderr };
    };
    const found = ip("7: eno1    inet 192.0.2.9/24 brd 192.0.2.255 scope global eno1");
    assert.deepEqual(found, { code: 0, stdout: "enp3s0\n", stderr: "" });
    const none = { stdout: "", stderr: "no network interface has the address 192.0.2.9\n" };
    assert.deepEqual(ip(""), { code: 1, ...none });
  });

  it("are armed by the machine's step in place of the bridge", () => {
    build("a bridge, with a guest's tap on it");
    fs.mkdirSync(box.at("bin"));
    const said = `#!/bin/sh\n[ "$1" != --change ] || { echo "$*" >>'${box.at("log")}'; exit; }
      [ "$1" = enp3s0 ] || exit 1
      echo 'Supports Wake-on: pumbg'\n`;
    box.write("bin/ethtool", said);
    fs.chmodSync(box.at("bin/ethtool"), 0o755);
    assert.ok(isSleeper(COMPUTE));
    const { script, files = [] } = agentStep(COMPUTE, powerSchema.parse(undefined), 6443);
    const cards = files.filter(({ path: at }) => path.basename(at) === "wake-cards.sh");
    const step = {
      ...{ name: "agent", libraries: ["files"] as const, files: [] },
      script: `${script}
        export PATH='${box.at("bin")}':"$PATH" NETWORK='${box.at("net")}'
        NIC=eno1 MAC=aa:00 CARDS=/wake-cards.sh
        step() {
          mkdir -p "$WORK/files"
          cat >"$WORK/files/wake-cards.sh" <<'END_OF_CARDS'\n${cards[0]?.content ?? ""}END_OF_CARDS
          ensure_cards_armed
        }`,
    };
    const ran = box.run(step, "apply");
    assert.deepEqual([ran.code, ran.stderr], [0, ""]);
    assert.equal(box.read("log"), "--change enp3s0 wol g\n");
  });
});
