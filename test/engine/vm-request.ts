import { z } from "zod";

const GIB = 2 ** 30;

const nicSchema = z.strictObject({
  ...{ model: z.string(), bridge: z.string(), macAddress: z.string().optional() },
  mtu: z.number().optional(),
});

const addressSchema = z.strictObject({
  ipv4: z.strictObject({ address: z.string(), gateway: z.string().optional() }),
});

/** The machine's settings as the program hands them to the provider. */
const settingsSchema = z.strictObject({
  ...{ name: z.string(), vmId: z.number(), nodeName: z.string(), poolId: z.string() },
  ...{ tags: z.array(z.string()), description: z.string(), scsiHardware: z.string() },
  operatingSystem: z.strictObject({ type: z.string() }),
  cpu: z.strictObject({ cores: z.number(), sockets: z.number(), type: z.string() }),
  memory: z.strictObject({ dedicated: z.number(), floating: z.number() }),
  disks: z.tuple([
    z.strictObject({
      ...{ interface: z.literal("scsi0"), datastoreId: z.string(), importFrom: z.string() },
      ...{ size: z.number(), discard: z.string(), iothread: z.literal(true), ssd: z.literal(true) },
    }),
  ]),
  networkDevices: z.array(nicSchema).min(1).max(2),
  serialDevices: z.tuple([z.strictObject({})]),
  agent: z.looseObject({ enabled: z.literal(true) }),
  initialization: z.strictObject({
    ...{ datastoreId: z.string(), type: z.string(), upgrade: z.literal(false) },
    vendorDataFileId: z.string().optional(),
    userAccount: z.strictObject({ username: z.string(), keys: z.array(z.string()) }),
    ipConfigs: z.array(addressSchema).min(1).max(2),
    dns: z.strictObject({ domain: z.string(), servers: z.array(z.string()) }),
  }),
  ...{ onBoot: z.literal(true), protection: z.literal(true), migrate: z.literal(true) },
  ...{ rebootAfterUpdate: z.literal(false), stopOnDestroy: z.literal(false) },
});

/** One request by which something is made or changed. */
export interface VmRequest {
  readonly path: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Where the machine is made, and what the provider asks for, by its source. A setting that is not known here is refused. */
export function renderCreation(settings: unknown): VmRequest {
  const vm = settingsSchema.parse(settings);
  const { initialization: init } = vm;
  const [disk] = vm.disks;
  const vendor = init.vendorDataFileId;
  return {
    path: `/nodes/${vm.nodeName}/qemu`,
    values: {
      ...{ vmid: String(vm.vmId), name: vm.name, pool: vm.poolId, tags: vm.tags.join(";") },
      ...{ description: vm.description, ostype: vm.operatingSystem.type, cpu: vm.cpu.type },
      ...{ cores: String(vm.cpu.cores), sockets: String(vm.cpu.sockets) },
      ...{ memory: String(vm.memory.dedicated), balloon: String(vm.memory.floating) },
      ...{ scsihw: vm.scsiHardware, serial0: "socket", onboot: "1", protection: "1" },
      agent: "enabled=1,fstrim_cloned_disks=0,type=virtio",
      scsi0:
        `file=${disk.datastoreId}:0,import-from=${disk.importFrom},size=${disk.size * GIB},aio=io_uring,backup=1,` +
        `iothread=1,ssd=1,discard=${disk.discard},cache=none,replicate=1`,
      ...numbered("net", vm.networkDevices.map(renderNic)),
      ide2: `file=${init.datastoreId}:cloudinit,`,
      ...{ citype: init.type, ciupgrade: "0", ciuser: init.userAccount.username },
      sshkeys: encodeURIComponent(init.userAccount.keys.join("\n")),
      ...numbered("ipconfig", init.ipConfigs.map(renderAddress)),
      ...{ nameserver: init.dns.servers.join(" "), searchdomain: init.dns.domain },
      ...(vendor === undefined ? {} : { cicustom: `vendor=${vendor}` }),
    },
  };
}

/** {"net0": …, "net1": …} */
function numbered(name: string, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((value, i) => [`${name}${i}`, value]));
}

function renderNic({ model, bridge, macAddress, mtu }: z.infer<typeof nicSchema>): string {
  return [
    ...[`model=${model}`, `bridge=${bridge}`, "firewall=0"],
    ...(macAddress === undefined ? [] : [`macaddr=${macAddress}`]),
    ...(mtu === undefined ? [] : [`mtu=${mtu}`]),
  ].join(",");
}

function renderAddress({ ipv4: { address, gateway } }: z.infer<typeof addressSchema>): string {
  return `${gateway === undefined ? "" : `gw=${gateway},`}ip=${address}`;
}
