import * as ipaddr from "ipaddr.js";
import { SYSTEM_NAMES, SYSTEMS } from "../../../components/shared/systems";
import type { AskedMachine } from "./asked";
import type { Facts } from "./facts";
import { findNameServers } from "./name-servers";
import { findNic } from "./nic";
import { renderVmRemark } from "./render";
import { composeStorage, renderSize } from "./storage";
import { UserError } from "../../kit/user-error";

/** A machine that was asked for, looked at, and whose host key was shown. */
export interface SeenMachine {
  readonly asked: AskedMachine;
  readonly hostKey: string;
  readonly facts: Facts;
}

/** A machine's part of the file, and what a reader should know beside it. */
export interface ComposedMachine {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly comments: readonly string[];
}

/** What `vmstation init` writes, without the settings that the user adds. */
export interface Composed {
  readonly lan: Readonly<Record<string, string>>;
  readonly machines: readonly ComposedMachine[];
  /** The first control plane: time, logs, monitoring. */
  readonly first: string;
  readonly timeZone: string | undefined;
  /** Where a cluster was found: machine and file. */
  readonly cluster: string | undefined;
}

export function compose(seen: readonly SeenMachine[]): Composed {
  refuseUnknownSystems(seen);
  const lan = composeLan(seen);
  const first = seen.find(({ asked }) => asked.roles.includes("control-plane"));
  if (first === undefined)
    throw new UserError("None of the machines is a control plane. Give one of them this role.");
  const found = seen.find(({ facts }) => facts.cluster !== undefined);
  return {
    lan,
    machines: seen.map((machine) => composeMachine(machine, lan)),
    first: first.asked.name,
    timeZone: first.facts.timeZone,
    cluster: found && `${found.asked.name} (${found.facts.cluster ?? ""})`,
  };
}

function composeLan(seen: readonly SeenMachine[]): Composed["lan"] {
  const networks = seen.map((machine) => {
    const { cidr } = findNic(machine);
    const [, bits] = ipaddr.IPv4.parseCIDR(cidr);
    return `${ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()}/${bits}`;
  });
  const [cidr = ""] = networks;
  if (networks.some((network) => network !== cidr)) {
    const list = seen.map(({ asked }, i) => `${asked.name} ${networks[i] ?? ""}`).join(", ");
    throw new UserError(
      `The machines are in different networks (${list}). All of them must be in one LAN.`,
    );
  }
  const gateways = seen.map((machine) => gatewayOf(machine)).filter((g) => g !== undefined);
  const [gateway] = gateways;
  return {
    cidr,
    ...(gateway === undefined ? {} : { gateway }),
    broadcast: ipaddr.IPv4.broadcastAddressFromCIDR(cidr).toString(),
  };
}

/** The router on the LAN's own NIC; a second NIC may have one too. */
function gatewayOf(machine: SeenMachine): string | undefined {
  const { name } = findNic(machine);
  return machine.facts.routes.find(({ dev }) => dev === name)?.gateway;
}

function composeMachine(machine: SeenMachine, lan: Composed["lan"]): ComposedMachine {
  const { asked, facts, hostKey } = machine;
  const nic = findNic(machine);
  const storage = composeStorage(facts, lan.cidr ?? "");
  const dns = findNameServers(facts, lan.cidr ?? "", lan.gateway);
  return {
    name: asked.name,
    config: {
      address: asked.address,
      hostKey,
      ...(nic.mac === undefined ? {} : { mac: nic.mac }),
      nic: nic.name,
      os: facts.system?.name,
      roles: [...asked.roles],
      sshUser: asked.user,
      ...(asked.port === 22 ? {} : { sshPort: asked.port }),
      ...(facts.memory === undefined ? {} : { memory: `${Math.floor(facts.memory / 2 ** 20)}Mi` }),
      ...(dns.length === 0 ? {} : { dns }),
      ...(asked.label === undefined ? {} : { labels: { "vmstation.io/role": asked.label } }),
      ...(asked.sleeps ? { power: powerOf(facts) } : {}),
      ...orNothing("mounts", storage.mounts),
      ...orNothing("exports", storage.exports),
      ...(facts.bmc === undefined ? {} : { bmc: composeBmc(asked.name, facts.bmc) }),
    },
    comments: [
      ...[
        describe(facts),
        asked.vm === undefined ? "" : renderVmRemark(asked.vm),
        ...systemComments(facts),
        ...powerComments(asked, facts, nic.port),
        ...nic.remarks,
      ],
      ...storage.remarks,
      ...facts.problems.map((problem) => `could not be read: ${problem}`),
    ].filter((comment) => comment !== ""),
  };
}

function orNothing(key: string, map: object): object {
  return Object.keys(map).length === 0 ? {} : { [key]: map };
}

/** All machines at once whose system the program does not know. */
function refuseUnknownSystems(seen: readonly SeenMachine[]): void {
  const unknown = seen.filter(({ facts }) => facts.system === undefined);
  if (unknown.length === 0) return;
  const list = unknown.map(({ asked, facts }) => `${asked.name} runs ${nameSystem(facts)}.`);
  throw new UserError(
    `${list.join(" ")} VMStation does not know this system. It knows ${SYSTEM_NAMES.join(", ")}, and what is made of them. ` +
      "Install one of these, or leave the machine out.",
  );
}

function nameSystem({ osName, os }: Facts): string {
  const name = osName === "" ? os.trim() : osName;
  return name === "" ? "a system without /etc/os-release" : name;
}

function systemComments({ system, osName }: Facts): string[] {
  if (system?.isNear !== true) return [];
  return [
    `${osName} is made of ${SYSTEMS[system.name].title} and is taken for it; nobody has tested that`,
  ];
}

/** A server that cannot suspend to memory is switched off, and takes its time to start. */
function powerOf({ canSuspend }: Facts): object {
  return canSuspend
    ? { mode: "sleeps" }
    : { mode: "sleeps", method: "poweroff", wakeTimeout: "10m" };
}

function composeBmc(machine: string, { address, mac }: NonNullable<Facts["bmc"]>): object {
  const words = machine.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return {
    address,
    ...(mac === undefined ? {} : { mac }),
    passwordSecret: `bmcPassword${words.join("")}`,
  };
}

function describe({ osName, cores, memory, model }: Facts): string {
  const parts = [osName, cores && `${cores} cores`, memory && renderSize(memory), model];
  return parts.filter((part) => part !== undefined && part !== "" && part !== 0).join(", ");
}

function powerComments({ sleeps }: AskedMachine, { wakeOnLan }: Facts, nic: string): string[] {
  const supported = wakeOnLan.get(nic);
  if (!sleeps || supported === undefined || supported.includes("g")) return [];
  return [
    `${nic} says that a magic packet cannot wake it (Supports Wake-on: ${supported || "nothing"})`,
  ];
}
