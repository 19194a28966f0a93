import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { lanSchema } from "../../../components/remote/config";
import { ipv4 } from "../../../components/shared/scalars";
import { SYSTEM_NAMES, type SystemName } from "../../../components/shared/systems";
import { parseJson } from "../../kit/parse-json";
import { parseResolvConf } from "./resolv-conf";

const linkSchema = z.object({
  ifname: z.string(),
  /** The MAC address; point-to-point links have none. */
  address: z.string().optional(),
  /** What the card is called by where its address was replaced, as a bond does. */
  permaddr: z.string().optional(),
  /** The bridge or bond that it is a part of. */
  master: z.string().optional(),
  /** The interface that a VLAN lies on. */
  link: z.string().nullish(),
  addr_info: z
    .array(
      z.object({
        family: z.string().optional(),
        local: z.string().optional(),
        prefixlen: z.number().optional(),
      }),
    )
    .prefault([]),
});

const routeSchema = z.object({ gateway: z.string().optional(), dev: z.string().optional() });

const mountSchema = z.object({
  target: z.string(),
  source: z.string().nullish(),
  fstype: z.string().nullish(),
  options: z.string().nullish(),
  /** The folder of the file system that is mounted. */
  fsroot: z.string().nullish(),
  uuid: z.string().nullish(),
  label: z.string().nullish(),
});

const diskSchema = z.object({
  path: z.string(),
  type: z.string(),
  fstype: z.string().nullish(),
  uuid: z.string().nullish(),
  label: z.string().nullish(),
  partuuid: z.string().nullish(),
  partlabel: z.string().nullish(),
  /** Bytes; older versions of lsblk write it as text. */
  size: z.coerce.number(),
  mountpoint: z.string().nullish(),
});

/** A text file, line by line as it is. */
export interface FoundFile {
  readonly path: string;
  readonly lines: readonly string[];
}

export type FoundLink = z.infer<typeof linkSchema>;
export type FoundMount = z.infer<typeof mountSchema>;
export type FoundDisk = z.infer<typeof diskSchema>;

/** What look.sh saw of a machine, read as it is; what it means for a configuration is compose's. */
export interface Facts {
  /** ID and VERSION_ID of os-release, such as "debian 12". */
  readonly os: string;
  readonly osName: string;
  /** Which of the systems that the program knows it is, or is made of. */
  readonly system: { readonly name: SystemName; readonly isNear: boolean } | undefined;
  /** Bytes, as the kernel has them: less than what is built in. */
  readonly memory: number | undefined;
  readonly cores: number | undefined;
  readonly model: string | undefined;
  /** A name such as Europe/Berlin. */
  readonly timeZone: string | undefined;
  readonly canSuspend: boolean;
  readonly addresses: readonly FoundLink[];
  readonly routes: readonly z.infer<typeof routeSchema>[];
  /** Interfaces that are hardware. */
  readonly hardware: readonly string[];
  readonly dns: readonly string[];
  /** Where pods of a cluster on the machine ask. */
  readonly clusterDns: readonly string[];
  /** By NIC, the letters that ethtool prints for "Supports Wake-on"; only where ethtool is installed. */
  readonly wakeOnLan: ReadonlyMap<string, string>;
  readonly mounts: readonly FoundMount[];
  readonly fstab: readonly FoundMount[];
  readonly disks: readonly FoundDisk[];
  /** Addresses of NFS servers by the names that fstab has for them. */
  readonly fileServers: ReadonlyMap<string, string>;
  /** /etc/exports and the files in /etc/exports.d. */
  readonly exports: readonly FoundFile[];
  readonly bmc: { readonly address: string; readonly mac: string | undefined } | undefined;
  /** A file that a cluster's installer left. */
  readonly cluster: string | undefined;
  /** What could not be read, each in a line. */
  readonly problems: readonly string[];
}

/** Reads what look.sh printed; undefined where it was cut off. What is not understood is a problem, not an end. */
export function parseFacts(text: string): Facts | undefined {
  const look = new Look(text);
  if (look.one("end") !== "ok") return undefined;
  const facts = {
    os: look.one("os") ?? "",
    osName: look.one("os-name") ?? "",
    system: parseSystem(look.one("known") ?? ""),
    memory: look.number("memory", 1024),
    cores: look.number("cores"),
    model: look.one("model"),
    timeZone: look.timeZone(),
    canSuspend: look.one("sleep-states")?.split(" ").includes("mem") ?? false,
    addresses: look.list("addresses", linkSchema),
    routes: look.list("routes", routeSchema),
    hardware: look.all("hardware"),
    dns: parseResolvConf(look.files("resolv").flatMap(({ lines }) => lines)),
    clusterDns: look.all("cluster-dns").flatMap((each) => each.split(" ").filter(Boolean)),
    wakeOnLan: look.pairs("wake"),
    mounts: look.list("mounts", mountSchema, "filesystems"),
    fstab: look.list("fstab", mountSchema, "filesystems"),
    disks: look.list("disks", diskSchema, "blockdevices"),
    fileServers: look.pairs("file-server"),
    exports: look.files("export"),
    bmc: parseBmc(look.one("bmc") ?? ""),
    cluster: look.one("cluster"),
  };
  return { ...facts, problems: [...look.all("problem"), ...look.problems] };
}

/** The lines of a look, by name. */
class Look {
  readonly problems: string[] = [];
  private readonly lines: readonly (readonly [string, string])[];

  constructor(text: string) {
    this.lines = text.split("\n").flatMap((line) => {
      const tab = line.indexOf("\t");
      return tab < 0 ? [] : [[line.slice(0, tab), line.slice(tab + 1)] as const];
    });
  }

  all(name: string): string[] {
    return this.lines.flatMap(([n, value]) => (n === name ? [value.trim()] : []));
  }

  one(name: string): string | undefined {
    return this.all(name).find((value) => value !== "");
  }

  /** The lines behind each "NAME-file", which count as they are. */
  files(name: string): FoundFile[] {
    const files: { path: string; lines: string[] }[] = [];
    for (const [n, value] of this.lines) {
      if (n === `${name}-file`) files.push({ path: value, lines: [] });
      else if (n === name) files.at(-1)?.lines.push(value);
    }
    return files;
  }

  number(name: string, unit = 1): number | undefined {
    const text = this.one(name);
    return text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) * unit : undefined;
  }

  /** "NAME REST" each. */
  pairs(name: string): Map<string, string> {
    return new Map(
      this.all(name).map((value): [string, string] => {
        const [first = "", ...rest] = value.split(" ");
        return [first, rest.join(" ")];
      }),
    );
  }

  /** A tool's list in JSON. What it holds that is not understood is left out and told. */
  list<T>(name: string, item: z.ZodType<T>, key?: string): T[] {
    const text = this.one(name);
    if (text === undefined) return [];
    const document = parseJson(text);
    const inside = key === undefined ? document : z.looseObject({}).safeParse(document).data?.[key];
    const items = z.array(z.unknown()).safeParse(inside).data;
    if (items === undefined) this.problems.push(`the list of ${name} is not understood`);
    // ip prints an empty object for each interface that it does not show.
    const shown = (items ?? []).filter((each) => !isDeepStrictEqual(each, {}));
    return shown.flatMap((each) => {
      const { data } = item.safeParse(each);
      if (data !== undefined) return [data];
      this.problems.push(`of the list of ${name} this is not understood: ${JSON.stringify(each)}`);
      return [];
    });
  }

  /** The zone's name of "…/zoneinfo/Europe/Berlin" or "Europe/Berlin". */
  timeZone(): string | undefined {
    const text = this.one("time-zone");
    if (text === undefined) return undefined;
    const name = text.replace(/^.*\/zoneinfo\//, "").replace(/^(?:posix|right)\//, "");
    if (/^(?:Etc\/)?(?:UTC|UCT|Universal|Zulu)$/.test(name)) return "UTC";
    if (lanSchema.shape.timeZone.safeParse(name).success && isTimeZone(name)) return name;
    this.problems.push(`the time zone ${text} has no name that is known here`);
    return undefined;
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** "debian-12 exact" or "debian-12 near", as system.sh says. */
function parseSystem(text: string): Facts["system"] {
  const [name, how] = text.split(" ");
  const known = SYSTEM_NAMES.find((each) => each === name);
  return known === undefined ? undefined : { name: known, isNear: how === "near" };
}

/** `ipmitool lan print`, on one line. An address of zeros means that the BMC has no network. */
function parseBmc(text: string): Facts["bmc"] {
  const address = /\bIP Address +: (\d+\.\d+\.\d+\.\d+)/.exec(text)?.[1];
  if (address === undefined || address === "0.0.0.0") return undefined;
  if (!ipv4.safeParse(address).success) return undefined;
  return { address, mac: /\bMAC Address +: ([0-9a-f:]{17})/i.exec(text)?.[1]?.toLowerCase() };
}
