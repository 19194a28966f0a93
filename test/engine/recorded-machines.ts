import type { StackExport, StateResource } from "../../scripts/kit/state/deployment";
import { parseUrn } from "../../scripts/engine/urn";
import { parseHeader } from "../../components/remote/header";
import type { Rig } from "../rig/rig";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Of a recorded state what comes before there is a cluster: preflight and the machines. */
const MACHINES =
  /^(pulumi:pulumi:Stack|pulumi:providers:command|vmstation:(node|validation):(Node|Preflight)\b.*)$/;

function isOfMachines({ urn }: StateResource): boolean {
  return MACHINES.test(parseUrn(urn).qualifiedType);
}

/** Brings the rig's machines to where the recorded version had brought them, by its own scripts. */
export async function applyRecorded(state: StackExport, rig: Rig): Promise<void> {
  await Promise.all(
    rig.machines.map(async (machine) => {
      for (const { stdin } of commandsOn(state, machine.name))
        await rig.ssh(machine, "sudo -n sh -eus apply", { input: stdin });
    }),
  );
}

function commandsOn({ deployment }: StackExport, machine: string): { stdin: string }[] {
  return (deployment.resources ?? []).filter(isOfMachines).flatMap(({ inputs }) => {
    const stdin = inputs?.stdin;
    return typeof stdin === "string" && parseHeader(stdin)?.machine === machine ? [{ stdin }] : [];
  });
}

/** The recorded state of the machines, as if it had been made with this rig's keys. */
export function fillIn(state: StackExport, rig: Rig, privateKey: string): StackExport {
  const resources = (state.deployment.resources ?? [])
    .filter(isOfMachines)
    .map((resource) => fillResource(resource, rig, privateKey));
  return { ...state, deployment: { ...state.deployment, resources } };
}

function fillResource(resource: StateResource, rig: Rig, privateKey: string): StateResource {
  const stdin = resource.inputs?.stdin;
  const machine = typeof stdin === "string" ? parseHeader(stdin)?.machine : undefined;
  if (machine === undefined) return resource;
  const { address, hostKey, sshUser } = rig.machine(machine);
  const connection = secret({
    ...{ host: address, port: 22, user: sshUser, hostKey, dialErrorLimit: 10, perDialTimeout: 3 },
    privateKey: secret(privateKey),
  });
  const inputs = { ...resource.inputs, connection };
  return { ...resource, inputs, outputs: { ...inputs, stdout: "", stderr: "" } };
}

function secret(plain: unknown): object {
  return { [SIGNATURE]: SECRET, plaintext: JSON.stringify(plain) };
}
