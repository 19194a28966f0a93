import * as pulumi from "@pulumi/pulumi";
import type { LanConfig } from "../remote/config";
import type { RemoteAccess } from "../remote/machine";
import { PROVIDER_TRUST } from "./certificates";
import type { HypervisorConfig } from "./config";
import { bringHostKey, type HostKey } from "./host-key";
import { requireFreeNumbers } from "./proxmox/free-number";
import { createHa, requireFreeInHa } from "./proxmox/high-availability";
import { createNetwork } from "./proxmox/network";
import { createPool } from "./proxmox/pool";
import { renderImage } from "./proxmox/render-image";
import { leftAlone, renderVm } from "./proxmox/render-vm";
import { loadSdk, type ProxmoxSdk } from "./proxmox/sdk";
import { isOnNetwork } from "./nics";
import { type VirtualMachine, vmName } from "./virtual";

export interface HypervisorArgs {
  config: HypervisorConfig;
  /** Name of the cluster. */
  cluster: string;
  lan: Pick<LanConfig, "cidr" | "gateway" | "domain">;
  /** The stack's virtual machines. */
  machines: readonly VirtualMachine[];
  token: pulumi.Output<string> | undefined;
  /** How hosts are reached that have `ssh`. */
  access: RemoteAccess;
  secrets: (name: string | undefined) => pulumi.Output<string> | undefined;
  /** Machines that this update leaves where they are; each with the host that it was configured for. */
  stays?: ReadonlyMap<string, string>;
}

type MadeVm = InstanceType<ProxmoxSdk["VmLegacy"]>;

/** Proxmox's own name of an image that was fetched. */
type Images = ReadonlyMap<string, pulumi.Resource & { readonly id: pulumi.Output<string> }>;

/**
 * The virtual machines of the stack, made side by side. Nothing here deletes one, replaces one or switches one off: what
 * would do so is refused by Pulumi, by Proxmox and by the settings of the provider.
 */
export class Hypervisor extends pulumi.ComponentResource {
  private readonly made = new Map<string, MadeVm>();

  constructor(name: string, args: HypervisorArgs, opts: pulumi.ComponentResourceOptions) {
    super("vmstation:hypervisor:Hypervisor", name, {}, opts);
    const sdk = loadSdk();
    const provider = this.connect(name, args, sdk);
    const network = this.createNetwork(name, args, provider);
    const keys = this.bringHostKeys(name, args);
    const images = this.fetchImages(name, args, sdk, { provider, keys });
    const pool = this.createPool(name, args, provider);
    const hooks = requireFreeNumbers(args);
    for (const machine of args.machines) {
      const image = images.get(machine.vm.host);
      if (image === undefined) throw new Error(`there is no image on ${machine.vm.host}`);
      this.made.set(
        machine.name,
        this.createMachine(name, args, sdk, {
          ...{ machine, provider, image, key: keys.get(machine.name), network, pool, hooks },
        }),
      );
    }
    this.createHa(name, args, provider);
    this.registerOutputs({ hosts: this.listHosts(args) });
  }

  /**
   * The host that the configuration had for each machine when it was brought there. A refresh writes into the machine's own
   * inputs where it is, and leaves this as it is. An update that is killed before has not said it.
   */
  private listHosts({ machines, stays }: HypervisorArgs): Record<string, pulumi.Input<string>> {
    return Object.fromEntries(
      machines.map(({ name, vm }) => [
        name,
        stays?.get(name) ?? this.made.get(name)?.nodeName.apply(() => vm.host) ?? vm.host,
      ]),
    );
  }

  /** The machine as it is made; what connects to it waits for it. */
  machine({ name }: { readonly name: string }): pulumi.Resource | undefined {
    return this.made.get(name);
  }

  private connect(
    name: string,
    { config, token }: HypervisorArgs,
    { Provider }: ProxmoxSdk,
  ): pulumi.ProviderResource {
    return new Provider(
      `${name}-proxmox`,
      {
        endpoint: config.endpoint.replace(/\/?$/, "/"),
        ...(token === undefined ? {} : { apiToken: token }),
      },
      { parent: this, envVarMappings: PROVIDER_TRUST },
    );
  }

  /** Undefined where there is none, or where somebody else has made it. */
  private createNetwork(
    name: string,
    { config, cluster }: HypervisorArgs,
    provider: pulumi.ProviderResource,
  ): pulumi.Resource | undefined {
    if (config.network?.manage !== true) return undefined;
    return createNetwork(name, config.network, { config, cluster }, { parent: this, provider });
  }

  /** Undefined where there is none, or where somebody else has made it. */
  private createPool(
    name: string,
    { config }: HypervisorArgs,
    provider: pulumi.ProviderResource,
  ): pulumi.Resource | undefined {
    if (config.pool?.manage !== true) return undefined;
    return createPool(name, config.pool.name, { parent: this, provider });
  }

  private createHa(name: string, args: HypervisorArgs, provider: pulumi.ProviderResource): void {
    if (args.machines.every(({ vm }) => vm.ha === undefined)) return;
    const opts = { parent: this, provider, hooks: requireFreeInHa(args) };
    for (const machine of args.machines) {
      const made = this.machine(machine);
      if (machine.vm.ha !== undefined && made !== undefined)
        createHa(name, { ...machine, made }, machine.vm.ha, opts);
    }
  }

  /** By machine. */
  private bringHostKeys(name: string, args: HypervisorArgs): ReadonlyMap<string, HostKey> {
    const brought = args.machines.flatMap((machine) => {
      const key = bringHostKey(name, machine, args, { parent: this });
      return key === undefined ? [] : [[machine.name, key] as const];
    });
    return new Map(brought);
  }

  /** One for each host, whose storage is its own. A host that sleeps is woken for the keys, so they come first. */
  private fetchImages(
    name: string,
    { config, machines }: HypervisorArgs,
    { File }: ProxmoxSdk,
    before: { provider: pulumi.ProviderResource; keys: ReadonlyMap<string, HostKey> },
  ): Images {
    const { provider, keys } = before;
    const stepsOn = (host: string): pulumi.Resource[] =>
      machines
        .filter(({ vm }) => vm.host === host)
        .flatMap((machine) => keys.get(machine.name)?.step ?? []);
    const hosts = [...new Set(machines.map(({ vm }) => vm.host))].sort();
    return new Map(
      hosts.map((host) => [
        host,
        new File(`${name}-image-${host}`, renderImage(config.image, host), {
          parent: this,
          provider,
          dependsOn: stepsOn(host),
          // Where the last machine has left a host, or another image is taken: to delete a file needs a right to delete all.
          retainOnDelete: true,
        }),
      ]),
    );
  }

  private createMachine(
    name: string,
    args: HypervisorArgs,
    sdk: ProxmoxSdk,
    made: {
      machine: VirtualMachine;
      provider: pulumi.ProviderResource;
      image: pulumi.Resource & { readonly id: pulumi.Output<string> };
      key: HostKey | undefined;
      network: pulumi.Resource | undefined;
      pool: pulumi.Resource | undefined;
      hooks: pulumi.ResourceHookBinding;
    },
  ): MadeVm {
    const { machine, provider, image, key, network, pool, hooks } = made;
    const { config, lan } = args;
    const isOnIt = isOnNetwork(machine, config);
    return new sdk.VmLegacy(
      vmName(name, machine.name),
      renderVm(machine, { config, lan, image: image.id, vendorData: key?.file }),
      {
        parent: this,
        provider,
        protect: true,
        retainOnDelete: true,
        hooks,
        dependsOn: [
          ...(network !== undefined && isOnIt ? [network] : []),
          ...(pool === undefined ? [] : [pool]),
          ...(key === undefined ? [] : [key.step]),
        ],
        ignoreChanges: leftAlone(machine, args.stays?.has(machine.name)),
      },
    );
  }
}
