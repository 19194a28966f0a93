import { z } from "zod";
import { parseJson } from "../parse-json";

const addressesSchema = z.array(
  z.object({
    ifname: z.string(),
    /** The MAC address; point-to-point links have none. */
    address: z.string().optional(),
    master: z.string().optional(),
    addr_info: z
      .array(
        z.object({
          family: z.string().optional(),
          local: z.string().optional(),
          prefixlen: z.number().optional(),
        }),
      )
      .prefault([]),
  }),
);

const routesSchema = z.array(
  z.object({ gateway: z.string().optional(), dev: z.string().optional() }),
);

const mountSchema = z.object({
  target: z.string(),
  source: z.string().nullish(),
  fstype: z.string().nullish(),
  uuid: z.string().nullish(),
  label: z.string().nullish(),
});

const mountsSchema = z.object({ filesystems: z.array(mountSchema) });

const diskSchema = z.object({
  path: z.string(),
  type: z.string(),
  fstype: z.string().nullish(),
  uuid: z.string().nullish(),
  label: z.string().nullish(),
  /** Bytes; older versions of lsblk write it as text. */
  size: z.coerce.number(),
  mountpoint: z.string().nullish(),
});

const disksSchema = z.object({ blockdevices: z.array(diskSchema) });

export type FoundMount = z.infer<typeof mountSchema>;
export type FoundDisk = z.infer<typeof diskSchema>;

/** What look.sh saw of a machine, read as it is; what it means for a configuration is compose's. */
export interface Facts {
  /** ID and VERSION_ID of os-release, such as "debian 12". */
  readonly os: string;
  readonly osName: string;
  /** Bytes, as the kernel has them: less than what is built in. */
  readonly memory: number;
  readonly cores: number | undefined;
  readonly model: string | undefined;
  /** A name such as Europe/Berlin. */
  readonly timeZone: string | undefined;
  readonly canSuspend: boolean;
  readonly addresses: z.infer<typeof addressesSchema>;
  readonly routes: z.infer<typeof routesSchema>;
  readonly dns: readonly string[];
  /** By NIC, the letters that ethtool prints for "Supports Wake-on"; only where ethtool is installed. */
  readonly wakeOnLan: ReadonlyMap<string, string>;
  readonly mounts: readonly FoundMount[];
  readonly fstab: readonly FoundMount[];
  readonly disks: readonly FoundDisk[];
  /** Lines of /etc/exports. */
  readonly exports: readonly string[];
  readonly bmc: { readonly address: string; readonly mac: string | undefined } | undefined;
  /** A file that a cluster's installer left. */
  readonly cluster: string | undefined;
}

/** Reads what look.sh printed; undefined where it was cut off. */
export function parseFacts(text: string): Facts | undefined {
  const lines = text.split("\n").flatMap((line): [string, string][] => {
    const tab = line.indexOf("\t");
    return tab < 0 ? [] : [[line.slice(0, tab), line.slice(tab + 1).trim()]];
  });
  const all = (name: string): string[] =>
    lines.flatMap(([n, value]) => (n === name ? [value] : []));
  const one = (name: string): string | undefined => all(name).find((value) => value !== "");
  if (one("end") !== "ok") return undefined;
  const json = <T>(name: string, schema: z.ZodType<T>): T | undefined =>
    schema.safeParse(parseJson(one(name) ?? "")).data;
  return {
    os: one("os") ?? "",
    osName: one("os-name") ?? "",
    memory: Number(one("memory") ?? 0) * 1024,
    cores: numberOf(one("cores")),
    model: one("model"),
    timeZone: one("time-zone")
      ?.replace(/^.*\/zoneinfo\//, "")
      .replace(/^Etc\/UTC$/, "UTC"),
    canSuspend: one("sleep-states")?.split(" ").includes("mem") ?? false,
    addresses: json("addresses", addressesSchema) ?? [],
    routes: json("routes", routesSchema) ?? [],
    dns: (one("dns") ?? "").split(" ").filter(Boolean),
    wakeOnLan: new Map(all("wake").map((value): [string, string] => splitOnce(value))),
    mounts: json("mounts", mountsSchema)?.filesystems ?? [],
    fstab: json("fstab", mountsSchema)?.filesystems ?? [],
    disks: json("disks", disksSchema)?.blockdevices ?? [],
    exports: all("export"),
    bmc: parseBmc(one("bmc") ?? ""),
    cluster: one("cluster"),
  };
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function splitOnce(text: string): [string, string] {
  const [first = "", ...rest] = text.split(" ");
  return [first, rest.join(" ")];
}

/** `ipmitool lan print`, on one line. An address of zeros means that the BMC has no network. */
function parseBmc(text: string): Facts["bmc"] {
  const address = /\bIP Address +: (\d+\.\d+\.\d+\.\d+)/.exec(text)?.[1];
  if (address === undefined || address === "0.0.0.0") return undefined;
  return { address, mac: /\bMAC Address +: ([0-9a-f:]{17})/i.exec(text)?.[1]?.toLowerCase() };
}
