import * as pulumi from "@pulumi/pulumi";
import type { RemoteAccess } from "../remote/machine";
import { RemoteStep } from "../remote/remote-step";
import type { HypervisorConfig } from "./config";
import { listSshHosts } from "./hosts";
import { findUnequal, hostKeyStep, publicHalf, vendorDataVolume } from "./render-host-key";
import type { VirtualMachine } from "./virtual";

interface HostKeyArgs {
  readonly config: HypervisorConfig;
  readonly access: RemoteAccess;
  readonly secrets: (name: string | undefined) => pulumi.Output<string> | undefined;
}

/** What has brought it to the machine's own host, and the volume that it is in there. */
export interface HostKey {
  readonly step: pulumi.Resource;
  readonly file: string;
}

/**
 * Brings the key that a machine is to be made with to each host that is reached by SSH: the machine may move there, and
 * starts nowhere without it. So nothing takes it away again. Undefined where the machine makes a key of its own.
 */
export function bringHostKey(
  name: string,
  machine: VirtualMachine,
  { config, access, secrets }: HostKeyArgs,
  opts: { readonly parent: pulumi.Resource },
): HostKey | undefined {
  const privateKey = secrets(machine.vm.hostKeySecret);
  const { hostKey } = machine;
  if (privateKey === undefined || hostKey === undefined) return undefined;
  const step = pulumi.secret(privateKey).apply((key) => {
    const problem = findUnequal(machine, key);
    // A plan without the stack's passphrase has a marker in the secret's place.
    const isReadable = !pulumi.runtime.isDryRun() || publicHalf(key) !== undefined;
    if (problem !== undefined && isReadable) throw new pulumi.RunError(problem);
    return hostKeyStep({ ...machine, hostKey }, config, key);
  });
  const steps = listSshHosts(config).map((host) => ({
    host: host.name,
    step: new RemoteStep(
      `${name}-host-key-${host.name}-${machine.name}`,
      { machine: { ...host, offline: machine.offline }, access, step, onDelete: "keep" },
      opts,
    ),
  }));
  const own = steps.find(({ host }) => host === machine.vm.host);
  if (own === undefined) return undefined;
  return { step: own.step, file: vendorDataVolume(machine, config) };
}
