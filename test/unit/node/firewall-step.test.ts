import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import type { FirewallRule } from "../../../components/shared/facts";
import { renderFirewall } from "../../../components/node/firewall-step";
import { homelabSite } from "../../support/site";
import { nodeContextOf } from "../../../stacks/node-context";

const context = nodeContextOf(homelabSite());

function machine(name: string): (typeof context.machines)[number] {
  const found = context.machines.find((m) => m.name === name);
  assert.ok(found);
  return found;
}

const anyRule: fc.Arbitrary<FirewallRule> = fc.record({
  machines: fc.subarray(["maple", "hazel"]),
  purpose: fc.stringMatching(/^[\w .,()/-]{1,60}$/),
  protocol: fc.constantFrom("tcp" as const, "udp" as const),
  ports: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 4 }),
  from: fc.subarray(["anywhere", "lan", "machines", "pods"] as const, { minLength: 1 }),
});

describe("the firewall", () => {
  it("drops by default, and lets in SSH before anything that a layer asks for", () => {
    const lines = renderFirewall(machine("hazel"), context)
      .split("\n")
      .map((l) => l.trim());
    assert.ok(lines.includes("type filter hook input priority filter; policy drop;"));
    const accepts = lines.filter((line) => line.includes("accept comment"));
    assert.match(accepts[3] ?? "", /^tcp dport 22 accept comment "SSH"$/);
  });

  it("lets older connections go on after what is invalid is dropped, and nothing that opens one", () => {
    const lines = renderFirewall(machine("hazel"), context).split("\n");
    const at = (part: string): number => lines.findIndex((line) => line.includes(part));
    assert.match(
      lines[at("older than")] ?? "",
      /ct state new tcp flags & \(syn \| ack\) == ack accept/,
    );
    assert.equal(at("older than"), at("ct state invalid drop") + 1);
  });

  it("opens etcd on the control plane only, to the machines only", () => {
    const rule =
      /ip saddr @machines tcp dport \{ 2379-2380 \} accept|ip saddr @machines tcp dport \{ 2379, 2380 \} accept/;
    assert.match(renderFirewall(machine("maple"), context), rule);
    assert.doesNotMatch(renderFirewall(machine("hazel"), context), /2379/);
  });

  it("lets the machines exchange IP-in-IP and BGP", () => {
    const text = renderFirewall(machine("spruce"), context);
    assert.match(text, /ip saddr @machines ip protocol ipencap accept/);
    assert.match(text, /ip saddr @machines tcp dport \{ 179 \} accept/);
  });

  it("serves time and logs to the LAN from the control plane, and files from the storage node", () => {
    assert.match(
      renderFirewall(machine("maple"), context),
      /@lan udp dport \{ 123 \} accept comment "NTP"/,
    );
    assert.match(
      renderFirewall(machine("spruce"), context),
      /@lan tcp dport \{ 2049 \} accept comment "NFS"/,
    );
    assert.doesNotMatch(renderFirewall(machine("hazel"), context), /2049|"NTP"/);
  });

  it("does not depend on the order of the rules, and nft accepts it", function () {
    const nft = (text: string) =>
      spawnSync("nft", ["-c", "-f", "-"], { input: text, encoding: "utf8" });
    const usable = nft("table inet x\n").status === 0;
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 6 }), (rules) => {
        const text = renderFirewall(machine("maple"), { ...context, firewall: rules });
        const reversed = { ...context, firewall: [...rules].reverse() };
        assert.equal(renderFirewall(machine("maple"), reversed), text);
        if (usable) assert.equal(nft(text).stderr, "");
      }),
      { numRuns: 25 },
    );
    if (!usable) this.skip();
  });
});
