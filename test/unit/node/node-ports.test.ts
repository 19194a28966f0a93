import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { FirewallRule } from "../../../components/shared/facts";
import { renderFirewall } from "../../../components/node/firewall-step";
import { nodeContextOf } from "../../../stacks/node-context";
import { homelabSite } from "../../support/site";

const SCRIPT = path.join(__dirname, "files/node-ports.sh");
const NAMESPACE = ["--map-root-user", "--net"];

describe("a machine's NodePorts", () => {
  it("answer the LAN, and another network only where a port is opened to anywhere", function () {
    const can = spawnSync("unshare", [...NAMESPACE, "nft", "list", "ruleset"]).status === 0;
    if (!can) {
      console.log("      pending: nft cannot be used in a network namespace here");
      this.skip();
    }
    const context = nodeContextOf(homelabSite());
    const machine = context.machines.find(({ name }) => name === "maple");
    assert.ok(machine);
    const open = (port: number): FirewallRule => ({
      ...{ machines: ["maple"], purpose: "a test", protocol: "tcp" },
      ...{ ports: [port], from: ["anywhere"] },
    });
    const firewall = [...context.firewall, open(8080), open(30_081)];
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-nft-"));
    try {
      const rules = path.join(folder, "rules.nft");
      fs.writeFileSync(rules, renderFirewall(machine, { ...context, firewall }));
      const ran = spawnSync("unshare", [...NAMESPACE, "sh", SCRIPT, rules], { encoding: "utf8" });
      assert.deepEqual(ran.stdout.trim().split("\n"), [
        "lan 30080 True",
        "outside 30080 False",
        "outside by the LAN address 30080 False",
        "lan 30081 True",
        "outside 30081 True",
        "outside by the LAN address 30081 True",
      ]);
      assert.equal(ran.status, 0, ran.stderr);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
