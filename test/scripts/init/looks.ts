import type { AskedMachine } from "../../../scripts/verbs/init/asked";
import type { SeenMachine } from "../../../scripts/verbs/init/compose";
import { parseFacts } from "../../../scripts/verbs/init/facts";

export const KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKdYdLPMmVc3ycEHwUnzWkrO9LWVmTmG0LJZJ1M8dHyC";

const NUMBERS = ["63", "61", "62"];

/** What look.sh prints on a Debian 12 with one NIC, 192.168.8.HOST; `more` are further lines or other ones. */
export function lookOutput(
  host: string,
  more: Readonly<Record<string, string | string[]>> = {},
): string {
  const mac = `00:00:00:00:00:${host}`;
  const address = { family: "inet", local: `192.168.8.${host}`, prefixlen: 24 };
  const facts: Record<string, string | string[]> = {
    os: "debian 12",
    known: "debian-12 exact",
    "os-name": "Debian GNU/Linux 12 (bookworm)",
    memory: "16252928",
    cores: "4",
    model: "OptiPlex 3050",
    "time-zone": "/usr/share/zoneinfo/Etc/UTC",
    "sleep-states": "freeze mem disk",
    addresses: JSON.stringify([
      {
        ifname: "lo",
        address: "00:00:00:00:00:00",
        addr_info: [{ family: "inet", local: "127.0.0.1", prefixlen: 8 }],
      },
      {
        ifname: "enp2s0",
        address: mac,
        addr_info: [address, { family: "inet6", local: "fe80::1", prefixlen: 64 }],
      },
      { ifname: "tunl0", addr_info: [] },
    ]),
    routes: JSON.stringify([
      { dst: "default", gateway: "10.8.0.1", dev: "tun0" },
      { dst: "default", gateway: "192.168.8.1", dev: "enp2s0" },
    ]),
    "resolv-file": "/etc/resolv.conf",
    resolv: ["nameserver 127.0.0.53", "nameserver 10.96.0.10", "nameserver 8.8.8.8"],
    wake: ["enp2s0 pumbg"],
    "export-file": "/etc/exports",
    mounts: filesystems(["/", "/dev/sda2", "ext4", "0a"], ["/boot/efi", "/dev/sda1", "vfat"]),
    ...more,
    end: "ok",
  };
  return Object.entries(facts)
    .flatMap(([name, value]) => [value].flat().map((line) => `${name}\t${line}\n`))
    .join("");
}

/** findmnt's document: target, source, type, UUID, label, options and the folder that is mounted, of each. */
export function filesystems(...rows: readonly (readonly (string | undefined)[])[]): string {
  return JSON.stringify({
    filesystems: rows.map(([target, source, fstype, uuid, label, options, fsroot]) => ({
      ...{ target, source, fstype, uuid: uuid ?? null, label: label ?? null },
      ...{ options: options ?? null, ...(fsroot === undefined ? {} : { fsroot }) },
    })),
  });
}

/** lsblk's document of disks that are not mounted. */
export function disks(...rows: readonly Readonly<Record<string, string>>[]): string {
  const whole = {
    type: "part",
    fstype: "ext4",
    uuid: null,
    label: null,
    size: 1,
    mountpoint: null,
  };
  return JSON.stringify({ blockdevices: rows.map((row) => ({ ...whole, ...row })) });
}

/** ip's document of interfaces; the one with an address is the LAN's. */
export function links(
  ...rows: readonly (Readonly<Record<string, string>> & { readonly ip?: string })[]
): string {
  return JSON.stringify(
    rows.map(({ ip, ...link }) => ({
      ...link,
      addr_info: ip === undefined ? [] : [{ family: "inet", local: ip, prefixlen: 24 }],
    })),
  );
}

/** A machine as it was asked for and looked at; the first of them is the control plane. */
export function seen(
  index: number,
  more: Readonly<Record<string, string | string[]>> = {},
  asked: Partial<AskedMachine> = {},
): SeenMachine {
  const host = NUMBERS[index] ?? "9";
  const facts = parseFacts(lookOutput(host, more));
  if (facts === undefined) throw new Error("the look was cut off");
  return {
    asked: {
      ...{ name: ["master", "storage", "compute"][index] ?? "other", address: `192.168.8.${host}` },
      ...{ port: 22, user: "robin", roles: index === 0 ? ["control-plane", "etcd"] : ["worker"] },
      ...{ sleeps: false, label: undefined },
      ...asked,
    },
    hostKey: KEY,
    facts,
  };
}
