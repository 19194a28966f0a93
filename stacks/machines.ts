import type * as pulumi from "@pulumi/pulumi";
import { existingPolicy } from "../components/bootstrap/facts";
import { Hypervisor } from "../components/hypervisor/hypervisor";
import { parseStays, STAYS } from "../components/hypervisor/stays";
import { isVirtual } from "../components/hypervisor/virtual";
import { mtuOf } from "../components/network/addresses";
import { ENCAPSULATIONS } from "../components/network/config";
import { Node } from "../components/node/node";
import { nodeSteps } from "../components/node/steps";
import type { RemoteAccess } from "../components/remote/machine";
import type { Work } from "../components/remote/step";
import { Preflight } from "../components/validation/preflight";
import { createAccess } from "./access";
import { after } from "./after";
import type { Stack } from "./config";
import { digestMachine } from "./digests";
import { nodeContextOf } from "./node-context";

/** Hypervisor → preflight → nodes, each machine by itself: what is done before there is a cluster. */
export function buildMachines(
  stack: Stack,
  isClusterDone?: () => boolean,
): { access: RemoteAccess; nodes: pulumi.Resource[] } {
  const access = createAccess(stack, isClusterDone);
  const hypervisor = createHypervisor(stack, access);
  const steps = planSteps(stack);
  const preflight = checkMachines(stack, access, steps, hypervisor);
  return { access, nodes: prepareMachines(stack, access, steps, preflight) };
}

/** Only where a machine is virtual. */
function createHypervisor({ site, secrets }: Stack, access: RemoteAccess): Hypervisor | undefined {
  const { hypervisor: config, lan } = site.config;
  const cluster = site.config.cluster.name;
  const machines = site.machines.filter(isVirtual);
  if (config === undefined || machines.length === 0) return undefined;
  const token = secrets(config.tokenSecret);
  const stays = parseStays(process.env[STAYS]);
  const args = { config, cluster, lan, machines, token, access, secrets, stays };
  return new Hypervisor("hypervisor", args, {});
}

/** Each machine's steps, known before any resource exists: preflight depends on what they hold. */
function planSteps({ site }: Stack): Map<string, Work[]> {
  const context = nodeContextOf(site);
  return new Map(site.machines.map((machine) => [machine.name, nodeSteps(machine, context)]));
}

function checkMachines(
  { site }: Stack,
  access: RemoteAccess,
  steps: ReadonlyMap<string, readonly Work[]>,
  hypervisor: Hypervisor | undefined,
): Preflight {
  return new Preflight(
    "preflight",
    {
      machines: site.machines,
      access,
      config: site.config.validation.preflight,
      existing: existingPolicy(site.config.bootstrap),
      madeBy: (machine) => hypervisor?.machine(machine),
      modules: site.config.node.modules,
      cluster: clusterNetwork(site),
      digests: Object.fromEntries(
        site.machines.map((m) => [m.name, digestMachine(m, steps.get(m.name) ?? [], site)]),
      ),
    },
    {},
  );
}

/** What the machines' own network has to take, where they have one: pods' packets, each with its header. */
function clusterNetwork({ network }: Stack["site"]) {
  const { nodeCidr, encapsulation } = network;
  if (nodeCidr === undefined) return undefined;
  return { cidr: nodeCidr, mtu: mtuOf(network) + ENCAPSULATIONS[encapsulation] };
}

function prepareMachines(
  { site }: Stack,
  access: RemoteAccess,
  steps: ReadonlyMap<string, readonly Work[]>,
  preflight: Preflight,
): pulumi.Resource[] {
  return site.machines.map((machine) => {
    const args = { machine, access, steps: steps.get(machine.name) ?? [] };
    // A machine that cannot be reached stops its own steps, and no other machine's. But one that is to have another address
    // of the cluster is refused, and must not be dropped from the others' firewalls.
    const own = machine.clusterAddress === undefined ? [machine] : site.machines;
    const looked = after(own.map((each) => preflight.lookAt(each)));
    return new Node(`node-${machine.name}`, args, looked).ready;
  });
}
