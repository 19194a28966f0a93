import { mac as macSchema } from "../../../components/shared/scalars";
import { UserError } from "../../kit/user-error";
import type { AskedMachine } from "./asked";
import type { Facts, FoundLink } from "./facts";

/** What is asked of a machine that was looked at. */
export interface Looked {
  readonly asked: AskedMachine;
  readonly facts: Pick<Facts, "addresses" | "hardware">;
}

/** The interface that has the machine's address on the LAN. */
export interface Nic {
  readonly name: string;
  /** Of the hardware, which hears magic packets: a bridge or a bond has an address that no card knows. */
  readonly mac: string | undefined;
  /** The hardware below it; the interface itself where it is that. */
  readonly port: string;
  /** "192.168.1.10/24" */
  readonly cidr: string;
  /** For a comment in the file. */
  readonly remarks: readonly string[];
}

export function findNic({ asked, facts }: Looked): Nic {
  for (const link of facts.addresses) {
    const info = link.addr_info.find(({ local }) => local === asked.address);
    if (info?.prefixlen === undefined || link.ifname === "lo") continue;
    const ports = portsOf(link, facts);
    const [port = link] = ports;
    return {
      ...{ name: link.ifname, port: port.ifname, cidr: `${asked.address}/${info.prefixlen}` },
      mac: macSchema.safeParse(port.permaddr ?? port.address).data,
      remarks: describePorts(link, ports),
    };
  }
  throw new UserError(
    `${asked.name} answers at ${asked.address}, but none of its interfaces has this address (NAT?). ` +
      "Use its address in the LAN.",
  );
}

/** The hardware that an interface is made of: members of a bridge or a bond, what a VLAN lies on. */
function portsOf(
  link: FoundLink,
  facts: Looked["facts"],
  above: readonly string[] = [],
): FoundLink[] {
  if (facts.hardware.includes(link.ifname)) return [link];
  const below = facts.addresses.filter(
    ({ ifname, master }) =>
      (master === link.ifname || ifname === link.link) && !above.includes(ifname),
  );
  return below.flatMap((each) => portsOf(each, facts, [...above, link.ifname]));
}

function describePorts({ ifname }: FoundLink, ports: readonly FoundLink[]): string[] {
  if (ports.length < 2) return [];
  const list = ports.map(({ ifname: name, address }) => `${name} ${address ?? ""}`).join(", ");
  return [`${ifname} is made of ${list}: mac has to be that of the one that magic packets reach`];
}
