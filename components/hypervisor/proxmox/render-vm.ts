import type { VmLegacyArgs } from "@muhlba91/pulumi-proxmoxve/vmLegacy";
import type * as pulumi from "@pulumi/pulumi";
import * as ipaddr from "ipaddr.js";
import type { HypervisorConfig, VmConfig } from "../config";
import { bridgeOf, DESCRIPTION, networkOf, TAG, type VirtualMachine } from "../virtual";
import { secondAddressOf, secondNetworkOf } from "../nics";

const GIB = 2 ** 30;
const MIB = 2 ** 20;

export interface VmContext {
  readonly config: Pick<HypervisorConfig, "storage" | "bridge" | "network" | "pool" | "sshKeys">;
  readonly lan: { readonly cidr: string; readonly gateway: string; readonly domain: string };
  /** The image on the machine's host, as Proxmox names it: "local:import/NAME". */
  readonly image: pulumi.Input<string>;
  /** Cloud-init's data that gives the machine its SSH host key, as Proxmox names it: "local:snippets/NAME". */
  readonly vendorData?: string | undefined;
}

/** What must never change after the machine was made: Proxmox would run cloud-init again, or nothing would happen. */
const LEFT_ALONE: readonly string[] = [
  "initialization",
  "disks[0].importFrom",
  // The provider reads it back as zeros, and would report a change at every preview.
  "disks[0].speed",
];

/**
 * The same of one machine. Where it runs is the business of Proxmox's high availability, if that manages it. `stays`: it
 * is moved nowhere, wherever it is.
 */
export function leftAlone({ vm, offline }: VirtualMachine, stays = false): string[] {
  return [
    ...LEFT_ALONE,
    ...(vm.ha === undefined && !stays ? [] : ["nodeName"]),
    ...(offline ? ["*"] : []),
  ];
}

/** One machine as Proxmox makes it: its disk from the image, its address and log-in by cloud-init. */
export function renderVm(machine: VirtualMachine, context: VmContext): VmLegacyArgs {
  const { vm } = machine;
  const { config } = context;
  return {
    name: machine.name,
    vmId: vm.id,
    nodeName: vm.host,
    ...(config.pool === undefined ? {} : { poolId: config.pool.name }),
    tags: [TAG],
    description: DESCRIPTION,
    operatingSystem: { type: "l26" },
    cpu: { cores: vm.cores, sockets: vm.sockets, type: vm.cpuType },
    // No balloon: the kubelet counts on what it has seen at its start.
    memory: { dedicated: Math.floor((machine.memory ?? 0) / MIB), floating: 0 },
    scsiHardware: "virtio-scsi-single",
    disks: [renderDisk(vm.disk / GIB, context)],
    networkDevices: [renderNic(vm, config), ...renderSecondNic(machine, config)],
    // The cloud images write to it, and show the host key's fingerprint there.
    serialDevices: [{}],
    // The node layer installs the agent; until then nothing waits for it.
    agent: { enabled: true, timeout: "30s", waitForIp: { disabled: true } },
    initialization: renderInitialization(machine, context),
    onBoot: true,
    ...SAFE,
  };
}

/** What keeps the machine and its data: nothing is restarted, stopped, made again or deleted by the provider. */
const SAFE = {
  protection: true,
  rebootAfterUpdate: false,
  stopOnDestroy: false,
  // Another host is a move of the running machine, and no new machine.
  migrate: true,
} as const;

function renderNic(vm: VmConfig, config: VmContext["config"]) {
  const network = networkOf(vm, config);
  return {
    model: "virtio",
    bridge: bridgeOf(vm, config),
    ...(vm.mac === undefined ? {} : { macAddress: vm.mac.toUpperCase() }),
    // The guest sees it as its NIC's own: larger frames do not fit into the tunnel.
    ...(network === undefined ? {} : { mtu: network.mtu }),
  };
}

/** Proxmox plugs it into a machine that runs; cloud-init gives it its address only as the machine is made. */
function renderSecondNic(machine: VirtualMachine, config: VmContext["config"]) {
  const network = secondNetworkOf(machine, config);
  return network === undefined ? [] : [{ model: "virtio", bridge: network.vnet, mtu: network.mtu }];
}

function renderDisk(gibibytes: number, { config, image }: VmContext) {
  return {
    interface: "scsi0",
    datastoreId: config.storage,
    importFrom: image,
    size: gibibytes,
    iothread: true,
    discard: "on",
    ssd: true,
  };
}

/** Read by cloud-init at the first boot only. */
function renderInitialization(machine: VirtualMachine, { config, lan, vendorData }: VmContext) {
  const [, bits] = ipaddr.IPv4.parseCIDR(lan.cidr);
  return {
    datastoreId: config.storage,
    type: "nocloud",
    ...(vendorData === undefined ? {} : { vendorDataFileId: vendorData }),
    // The node layer installs what is needed, and nothing is upgraded behind its back.
    upgrade: false,
    userAccount: { username: machine.sshUser, keys: [...config.sshKeys] },
    ipConfigs: [
      { ipv4: { address: `${machine.address}/${bits}`, gateway: lan.gateway } },
      ...renderSecondAddress(machine, config),
    ],
    dns: { domain: lan.domain, servers: [...machine.dns] },
  };
}

/** Without a gateway: that network leads nowhere else. */
function renderSecondAddress(machine: VirtualMachine, config: VmContext["config"]) {
  const address = secondAddressOf(machine, config);
  return address === undefined ? [] : [{ ipv4: { address } }];
}
