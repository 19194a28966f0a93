import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { methodOf } from "../../../components/bootstrap/methods";
import { guardSettings } from "../../../components/bootstrap/common-steps";
import { MARKS } from "../../../components/bootstrap/kubeadm/fixed";
import { joinStep } from "../../../components/bootstrap/kubeadm/steps";
import { machineReset } from "../../../components/bootstrap/reset-step";
import { METHOD_NAMES } from "../../support/methods";
import { Sandbox } from "../../support/sandbox";
import { argsOf, machineNamed } from "./sites";

const TOKEN = { token: "t", caHash: "sha256:00", certificateKey: "", expires: undefined };
const NAMESPACE = ["--map-root-user", "--net"];

/** What else goes into the machine's table, and stays. */
const OTHERS = [
  "10.9.0.0/24 via 192.0.2.8 dev lan proto bird",
  "10.244.0.0/24 dev pods proto kernel scope link src 10.244.0.1",
  "10.244.9.0/24 via 192.0.2.8 dev lan",
  "10.244.10.0/24 via 192.0.2.8 dev lan proto static",
  "192.0.2.0/24 dev lan proto kernel scope link src 192.0.2.1",
];

/** As Calico and other networks leave them: this machine's own part may be what was another's. */
const OF_PODS = [
  "10.244.0.0/24 via 192.0.2.7 dev lan proto 17",
  "10.244.1.0/26 via 192.0.2.7 dev lan proto bird onlink",
  "blackhole 10.244.1.64/26 proto bird",
  "10.244.2.0/26 via 192.0.2.7 dev lan proto 80 onlink",
];

const isSet = (route: string): boolean => !route.includes("proto kernel");

/** A shell in a network of its own, with these routes; its table is printed at the end. */
const SHELL = `#!/bin/sh
set -eu
[ "\${1:-}" = within ] || exec unshare ${NAMESPACE.join(" ")} "$0" within "$@"
shift
ip link add lan type bridge
ip link add pods type bridge
ip address add 192.0.2.1/24 dev lan
ip link set lan up
ip link set pods up
${[...OTHERS, ...OF_PODS]
  .filter(isSet)
  .map((route) => `ip route add ${route}\n`)
  .join("")}
ip address add 10.244.0.1/24 dev pods
sh "$@"
ip -4 route show`;

const tableOf = (printed: string): string[] =>
  printed
    .split("\n")
    .map((line) => line.replace(/ linkdown\b/, "").trim())
    .filter((line) => line !== "")
    .sort();

describe("a machine that is taken out of its cluster", () => {
  it("keeps no route to pods that the cluster's network has set, and all others", function () {
    const words = [...NAMESPACE, "ip", "link", "add", "pods", "type", "bridge"];
    if (spawnSync("unshare", words).status !== 0) {
      console.log("      pending: no bridge can be made in a network namespace here");
      this.skip();
    }
    const files = new Sandbox();
    files.write("shell", SHELL);
    fs.chmodSync(files.at("shell"), 0o755);
    const box = new Sandbox(files.at("shell"));
    const ran = box.run(machineReset(argsOf("kubeadm"), "take_away() { :; }"), "remove");
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(tableOf(ran.stdout), [...OTHERS].sort());
    assert.match(ran.stderr, /removing the routes to pods .*\(bird\)/);
    for (const each of [box, files]) each.remove();
  });

  it("says so where such a route cannot be removed, and what to do", () => {
    const box = new Sandbox();
    const ip =
      "ip() { case $* in *show*) echo '10.244.1.0/26 via 192.0.2.7 proto bird' ;; *) return 2 ;; esac; }";
    const ran = box.run(machineReset(argsOf("kubeadm"), `${ip}\ntake_away() { :; }`), "remove");
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /old routes to pods cannot be removed\n +to do: .*10\.244\.0\.0\/16/);
    box.remove();
  });

  it("keeps none either where the cluster was somebody else's, also when that wipe was cut", () => {
    const args = argsOf("kubeadm", { existing: "reset", resetClusterName: "homelab" });
    const step = joinStep(
      args,
      args.controller,
      machineNamed(args.machines, "hazel"),
      TOKEN,
      undefined,
    );
    const box = new Sandbox();
    const apply = (changes: Partial<typeof args.config>): string => {
      const settings = guardSettings({ ...args, config: { ...args.config, ...changes } }, MARKS);
      const script = `${step.script}
ip() { echo "$@" >&2; case $* in *show*) echo '10.244.1.0/26 via 192.0.2.7 proto bird' ;; esac; }
step() { guard_existing kubeadm ${box.at("mark")} rm ${box.at("mark")}; cat "$WORK/output" 2>/dev/null || :; rm -r "$STATE/bootstrap"; }`;
      const ran = box.run(
        {
          ...step,
          script,
          settings: { ...step.settings, ...settings, OTHER_MARKS: [] },
          files: [],
        },
        "apply",
      );
      assert.equal(ran.code, 0, ran.stderr);
      return ran.stdout;
    };
    const FLUSH = "-4 route flush root 10.244.0.0/16 proto bird\n";
    for (const isCut of [false, true]) {
      if (!isCut) box.write("mark", "");
      assert.equal(apply({}), FLUSH);
      assert.ok(!box.exists("mark"));
    }
    box.write("mark", "");
    assert.doesNotMatch(apply({ existing: "adopt" }), /flush/);
    box.remove();
  });

  for (const name of METHOD_NAMES) {
    const args = argsOf(name);
    const { wipe } = methodOf(args.config).reset;
    if (wipe.on === "controller") continue;
    it(`has this done by every method whose own program does not (${name})`, () => {
      const { script, settings } = wipe.step(args);
      assert.match(script, /^ {2}forget_pod_routes "\$POD_CIDR"$/m);
      assert.match(script, /^take_away\(\) \{$/m);
      assert.equal(settings?.POD_CIDR, args.network.podCidr);
    });
  }
});
