import * as ipaddr from "ipaddr.js";
import { z } from "zod";
import { secondAddressOf, secondNetworkOf } from "../../../components/hypervisor/nics";
import { bridgeOf, networkOf, type VirtualMachine } from "../../../components/hypervisor/virtual";
import type { StackConfig } from "../../../stacks/schema";

const MIB = 2 ** 20;
const UNITS: Readonly<Record<string, number>> = {
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

/** A machine's configuration as the API tells it; what waits for a restart counts as there. */
export type VmFound = Readonly<Record<string, string>>;

const foundSchema = z.record(z.string(), z.unknown()).transform((all): VmFound => {
  const isPlain = (value: unknown): value is string | number =>
    typeof value === "string" || typeof value === "number";
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) => (isPlain(value) ? [[key, String(value)]] : [])),
  );
});

export function parseVm(answer: unknown): VmFound {
  return foundSchema.parse(answer);
}

/** One thing that is otherwise in Proxmox than in the configuration. */
export interface VmDifference {
  /** Proxmox's own name of it: "cores", "net0". */
  readonly name: string;
  readonly reason: string;
  /** What kind of work puts it right. */
  readonly mend:
    | "update"
    | "host"
    | "own-disk"
    | "grown"
    | "storage"
    | "missing"
    | "first-boot"
    | "ha"
    | "ha-error"
    | "ha-disabled";
  /** Of a field of cloud-init, what `qm set` sets it back with. */
  readonly set?: string;
}

export interface VmSettings {
  readonly hypervisor: Pick<
    NonNullable<StackConfig["hypervisor"]>,
    "bridge" | "network" | "storage" | "sshKeys"
  >;
  readonly lan: Pick<StackConfig["lan"], "cidr" | "gateway" | "domain">;
}

/** What somebody has changed at a virtual machine in Proxmox. Further disks are the owner's own: they are only told. */
export function compareVm(
  machine: VirtualMachine,
  settings: VmSettings,
  found: VmFound,
): VmDifference[] {
  return [
    ...compareValues(expectValues(machine), found, "update"),
    ...compareDisk(machine, settings, found.scsi0),
    ...listFurtherDisks(found).map((name): VmDifference => {
      return { name, reason: "is a disk that the configuration does not have", mend: "own-disk" };
    }),
    ...compareNics(machine, settings, found),
    ...compareValues(expectFirstBoot(machine, settings), found, "first-boot"),
    ...compareKeys(settings, found),
  ];
}

type Expected = Readonly<Record<string, { readonly value: string; readonly unset?: string }>>;

/** `unset` is what Proxmox takes where the key is absent. */
function expectValues({ vm, memory = 0 }: VirtualMachine): Expected {
  return {
    cores: { value: String(vm.cores), unset: "1" },
    sockets: { value: String(vm.sockets), unset: "1" },
    cpu: { value: vm.cpuType, unset: "kvm64" },
    memory: { value: String(Math.floor(memory / MIB)), unset: "512" },
    balloon: { value: "0" },
    protection: { value: "1", unset: "0" },
    onboot: { value: "1", unset: "0" },
  };
}

/** Read by cloud-init: see renderVm of the layer. */
function expectFirstBoot(machine: VirtualMachine, { hypervisor, lan }: VmSettings): Expected {
  const [, bits] = ipaddr.IPv4.parseCIDR(lan.cidr);
  const second = secondAddressOf(machine, hypervisor);
  return {
    ciuser: { value: machine.sshUser },
    ipconfig0: { value: `gw=${lan.gateway},ip=${machine.address}/${bits}` },
    ...(second === undefined ? {} : { ipconfig1: { value: `ip=${second}` } }),
    nameserver: { value: machine.dns.join(" ") },
    searchdomain: { value: lan.domain },
  };
}

function compareValues(
  expected: Expected,
  found: VmFound,
  mend: VmDifference["mend"],
): VmDifference[] {
  return Object.entries(expected).flatMap(([name, { value, unset = "not set" }]) => {
    const seen = normalize(name, found[name] ?? unset);
    if (seen === value) return [];
    const set = mend === "first-boot" ? { set: `--${name} '${value}'` } : {};
    return [{ name, reason: `is ${seen}, not ${value}`, mend, ...set }];
  });
}

/** The API orders the parts of a value as it likes, and names the first one or not. */
function normalize(name: string, value: string): string {
  if (name === "cpu" || name === "memory")
    return (value.split(",")[0] ?? "").replace(/^(cputype|current)=/, "");
  return name.startsWith("ipconfig") ? value.split(",").sort().join(",") : value;
}

function compareDisk(
  { vm }: VirtualMachine,
  { hypervisor }: VmSettings,
  disk: string | undefined,
): VmDifference[] {
  const name = "scsi0";
  if (disk === undefined)
    return [{ name, reason: "the machine's disk is not attached", mend: "missing" }];
  const storage = disk.replace(/^file=/, "").split(":")[0] ?? "";
  // Proxmox always has the size of a volume; nothing is said where it stands nowhere.
  const bytes = parseDiskSize(disk) ?? vm.disk;
  const mend = bytes > vm.disk ? "grown" : "update";
  return [
    ...(storage === hypervisor.storage
      ? []
      : [
          {
            ...{ name, mend: "storage" as const },
            reason: `is in the storage ${storage}, not ${hypervisor.storage}`,
          },
        ]),
    ...(bytes === vm.disk
      ? []
      : [{ name, reason: `is ${renderGib(bytes)}, not ${renderGib(vm.disk)}`, mend } as const]),
  ];
}

/** Proxmox's names of a machine's disks, of those too that are attached to nothing ("unused0"); cloud-init's is none. */
export function listDisks(found: VmFound): string[] {
  return Object.entries(found).flatMap(([key, value]) =>
    /^(?:scsi|virtio|sata|ide|unused)\d+$/.test(key) && !/(?:^|,)media=cdrom(?:,|$)/.test(value)
      ? [key]
      : [],
  );
}

/** Those that somebody has attached beside the machine's own. */
export function listFurtherDisks(found: VmFound): string[] {
  return listDisks(found).filter((name) => name !== "scsi0" && !name.startsWith("unused"));
}

/** Bytes of a disk; undefined where its size stands nowhere. */
export function parseDiskSize(disk: string): number | undefined {
  const [, number, unit = ""] = /(?:^|,)size=(\d+)([KMGT]?)(?:,|$)/.exec(disk) ?? [];
  return number === undefined ? undefined : Number(number) * (UNITS[unit] ?? 1);
}

function renderGib(bytes: number): string {
  return `${bytes / 2 ** 30}Gi`;
}

/** Each NIC of the configuration by Proxmox's name of it; what is compared with its value there. */
function listNics(machine: VirtualMachine, { hypervisor }: VmSettings): Record<string, WantedNic> {
  const { vm } = machine;
  const second = secondNetworkOf(machine, hypervisor);
  const { mac } = vm;
  return {
    net0: { bridge: bridgeOf(vm, hypervisor), mtu: networkOf(vm, hypervisor)?.mtu, mac },
    ...(second === undefined ? {} : { net1: { bridge: second.vnet, mtu: second.mtu } }),
  };
}

interface WantedNic {
  readonly bridge: string;
  readonly mtu: number | undefined;
  /** Undefined where Proxmox chooses it. */
  readonly mac?: string | undefined;
}

function compareNics(
  machine: VirtualMachine,
  settings: VmSettings,
  found: VmFound,
): VmDifference[] {
  const nics = listNics(machine, settings);
  const extra = Object.keys(found).filter((key) => /^net\d+$/.test(key) && !(key in nics));
  return [
    ...Object.entries(nics).flatMap(([name, wanted]) => compareNic(name, wanted, found[name])),
    ...extra.map((name): VmDifference => {
      return { name, reason: "is a NIC that the configuration does not have", mend: "update" };
    }),
  ];
}

function compareNic(name: string, wanted: WantedNic, found: string | undefined): VmDifference[] {
  if (found === undefined)
    return [{ name, reason: "the machine's NIC is not there", mend: "update" }];
  const nic = new Map(found.split(",").map((part) => splitOnce(part)));
  const [first = "", second = ""] = found.split(",")[0]?.split("=") ?? [];
  // Written short, as virtio=ADDRESS, or with the name of each part.
  const model = nic.get("model") ?? first;
  const address = nic.get("macaddr") ?? second;
  const parts: readonly (readonly [what: string, seen: string, value: string])[] = [
    ["model", model, "virtio"],
    ...(wanted.mac === undefined
      ? []
      : [["MAC address", address.toUpperCase(), wanted.mac.toUpperCase()] as const]),
    ["bridge", nic.get("bridge") ?? "none", wanted.bridge],
    ["MTU", nic.get("mtu") ?? "none", String(wanted.mtu ?? "none")],
    ["VLAN tag", nic.get("tag") ?? "none", "none"],
    ["link", nic.get("link_down") === "1" ? "down" : "up", "up"],
  ];
  return parts.flatMap(([what, seen, value]): VmDifference[] =>
    seen === value
      ? []
      : [{ name, reason: `its ${what} is ${seen}, not ${value}`, mend: "update" }],
  );
}

function splitOnce(part: string): [key: string, value: string] {
  const at = part.indexOf("=");
  return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
}

/** Only how many differ is told: whole keys would fill the page. */
function compareKeys({ hypervisor }: VmSettings, found: VmFound): VmDifference[] {
  const listed = (text: string): string[] =>
    text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
  const there = listed(decode(found.sshkeys ?? ""));
  const ours = hypervisor.sshKeys.map((key) => key.trim());
  const missing = ours.filter((key) => !there.includes(key)).length;
  const more = there.filter((key) => !ours.includes(key)).length;
  if (missing === 0 && more === 0) return [];
  const reason = `lacks ${missing} of the configuration's keys, and has ${more} others`;
  return [{ name: "sshkeys", reason, mend: "first-boot" }];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
