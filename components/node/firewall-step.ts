import type { FirewallRule, FirewallSource } from "../shared/facts";
import { addressesOf } from "../shared/addresses";
import { readScript } from "../remote/step";
import { systemOf } from "../shared/systems";
import { HEADER, type NodeContext, type NodeStep } from "./context";
import type { Machine } from "./machine";

const RULES = "/etc/vmstation/firewall.nft";

function renderSource(source: FirewallSource): string {
  return source === "anywhere" ? "" : `ip saddr @${source} `;
}

function renderMatch(rule: FirewallRule): string {
  if (rule.protocol === "ipip") return "ip protocol ipencap ";
  if (rule.protocol === "vrrp") return "ip protocol vrrp ";
  return `${rule.protocol} dport { ${(rule.ports ?? []).join(", ")} } `;
}

function renderRule(rule: FirewallRule): string[] {
  return rule.from.map(
    (source) => `    ${renderSource(source)}${renderMatch(rule)}accept comment "${rule.purpose}"`,
  );
}

/** SSH is first, is always there, and is the port that the program itself connects to. */
function sshRule(machine: Machine, context: NodeContext): string {
  const { sshFrom } = context.config.firewall;
  const from = sshFrom.length === 0 ? "" : `ip saddr { ${[...sshFrom].sort().join(", ")} } `;
  return `    ${from}tcp dport ${machine.sshPort} accept comment "SSH"`;
}

/**
 * The kernel tracks connections only once rules ask for their state. One that was open before counts as new, and where
 * the other side speaks first it would be dropped: a jump host would wait for ever for the output that it passes on. A
 * packet with ACK and without SYN opens no connection: where there is none, the kernel answers it with a reset, whatever
 * the port.
 */
const OPEN_BEFORE =
  '    ct state new tcp flags & (syn | ack) == ack accept comment "connections that are older than these rules"';

function renderSet(name: string, elements: readonly string[]): string {
  return `  set ${name} {
    type ipv4_addr
    flags interval
    elements = { ${[...elements].sort().join(", ")} }
  }
`;
}

/** Kubernetes' default range. */
const NODE_PORTS = "30000-32767";

/**
 * NodePorts from the LAN, the machines and pods alone, on every interface, before kube-proxy rewrites them: what it
 * forwards passes no input chain. Calico's own policy for the same holds on the LAN's interface only.
 */
function renderNodePortChain(rules: readonly FirewallRule[]): string {
  const open = (protocol: string): string[] => {
    const ports = rules
      .filter((rule) => rule.protocol === protocol && rule.from.includes("anywhere"))
      .flatMap((rule) => rule.ports ?? []);
    const sorted = [...new Set(ports.map(String))].sort().join(", ");
    return sorted === "" ? [] : [`    ${protocol} dport { ${sorted} } accept`];
  };
  return [
    "  chain node-ports {",
    "    type filter hook prerouting priority mangle; policy accept;",
    '    iif "lo" accept',
    "    ct state established,related accept",
    ...["lan", "machines", "pods"].map((set) => `    ip saddr @${set} accept`),
    ...open("tcp"),
    ...open("udp"),
    `    fib daddr type local meta l4proto { tcp, udp } th dport ${NODE_PORTS} counter drop`,
    "  }",
  ].join("\n");
}

/**
 * The one table: default deny on input, nothing on forward (Calico's) or output. Created, deleted and
 * declared in one file, which nft applies as one transaction.
 */
export function renderFirewall(machine: Machine, context: NodeContext): string {
  const wanted = context.firewall.filter((rule) => rule.machines.includes(machine.name));
  const rules = wanted.flatMap(renderRule);
  return `${HEADER}table inet vmstation
delete table inet vmstation

table inet vmstation {
${renderSet("lan", [context.lan.cidr])}
${renderSet("machines", context.machines.flatMap(addressesOf))}
${renderSet("pods", [context.podCidr])}
  chain input {
    type filter hook input priority filter; policy drop;
    iif "lo" accept
    ct state established,related accept
    ct state invalid drop
${OPEN_BEFORE}
    meta l4proto { icmp, ipv6-icmp } accept
    udp sport 67 udp dport 68 accept comment "DHCP"
    udp dport 546 accept comment "DHCPv6"
${[sshRule(machine, context), ...[...new Set(rules)].sort()].join("\n")}
    counter comment "dropped"
  }

${renderNodePortChain(wanted)}
}
`;
}

function renderUnit(): string {
  return `${HEADER}[Unit]
Description=Firewall (VMStation)
Documentation=man:nft(8)
DefaultDependencies=no
Before=network-pre.target
Wants=network-pre.target
# The distribution's own rules begin by flushing everybody's: ours come after them, each time.
After=nftables.service
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service
Conflicts=shutdown.target
Before=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=nft -f ${RULES}
ExecReload=nft -f ${RULES}
ExecStop=nft delete table inet vmstation

[Install]
WantedBy=sysinit.target
`;
}

/** Default deny on input; other firewalls off, as an accept in one table does not undo another's drop. */
export const firewallStep: NodeStep = (machine, context) => ({
  name: "firewall",
  script: readScript(__dirname, "files/firewall.sh"),
  libraries: ["files", "units", "guard"],
  settings: { OTHER_FIREWALLS: systemOf(machine).otherFirewalls },
  files: [
    { path: "/etc/systemd/system/vmstation-firewall.service", content: renderUnit() },
    { path: RULES, content: renderFirewall(machine, context), validate: "nft" },
  ],
});
