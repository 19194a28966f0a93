import { methodOf } from "../components/bootstrap/methods";
import { hasRole } from "../components/node/machine";
import { renderMeant } from "./errors";
import { highAvailabilityQuestions } from "./ha-questions";
import { controllerOf, firstOf, type Site } from "./site";
import type { Warning } from "./warnings";

/** What the configuration leaves open and what may hurt: warnings, each with the command that settles it. */
export function listOpenQuestions(
  site: Site,
  stack: string,
  isSet: (secret: string) => boolean,
  isPlain: (secret: string) => boolean = () => false,
  unused: readonly string[] = [],
): Warning[] {
  return [
    ...unused.map((secret) => unusedSecret(secret, site, stack)),
    ...missingHostKeys(site, stack),
    ...missingDisks(site, stack),
    ...missingSecrets(site, stack, isSet),
    ...plainSecrets(site, stack, isPlain),
    ...tooMuchMemory(site),
    ...overcommitted(site),
    ...etcdElsewhere(site),
    ...oneAddress(site),
    ...sharedPool(site),
    ...highAvailabilityQuestions(site),
    ...site.facts.openQuestions,
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Machines whose identity nobody has confirmed: `up` refuses to touch them. */
export function missingHostKeys({ machines }: Site, stack: string): Warning[] {
  return machines
    .filter((machine) => machine.hostKey === undefined && !machine.offline)
    .map((machine) => ({
      path: `machines.${machine.name}.hostKey`,
      message:
        (machine.vm === undefined
          ? "the SSH host key is not pinned, and `up` refuses the machine until it is: "
          : "the SSH host key is not pinned. `up` makes the machine, and prepares it when the key is: ") +
        `npx vmstation trust ${machine.name} --stack ${stack}`,
    }));
}

/** More virtual processors than real ones: they share, which is slow and no fault. */
function overcommitted({ config, machines }: Site): Warning[] {
  return Object.entries(config.hypervisor?.hosts ?? {}).flatMap(([host, { cpus }]) => {
    const here = machines.filter(({ vm }) => vm?.host === host);
    const sum = here.reduce((total, { vm }) => total + (vm?.cores ?? 0) * (vm?.sockets ?? 0), 0);
    if (sum <= cpus) return [];
    return [
      {
        path: `hypervisor.hosts.${host}.cpus`,
        message: `${here.map(({ name }) => name).join(", ")} have ${sum} virtual processors on ${cpus} real ones, and share them`,
      },
    ];
  });
}

/** The backups run on the controller, and ask the etcd that is there. */
function etcdElsewhere(site: Site): Warning[] {
  const controller = controllerOf(site);
  if (!site.config.backup.enabled || controller.roles.includes("etcd")) return [];
  return [
    {
      path: `machines.${controller.name}.roles`,
      message:
        "the controller is no member of etcd, so etcd is not backed up: " +
        "name a control plane that is one under vmstation:bootstrap.controller, or under vmstation:cluster.controller",
    },
  ];
}

/** kubectl, and the program itself, connect to the controller. */
function oneAddress(site: Site): Warning[] {
  const controlPlanes = site.machines.filter((machine) => hasRole(machine, "control-plane"));
  const { bootstrap } = site.config;
  const address = methodOf(bootstrap).virtualAddress(bootstrap);
  if (controlPlanes.length < 2 || bootstrap.endpoint !== undefined || address !== undefined)
    return [];
  const { name } = firstOf(site);
  return [
    {
      path: "machines",
      message:
        `${controlPlanes.length} machines are control planes, but no virtual address stands for all of them: ` +
        `kubectl and VMStation reach the API server of ${name} alone, and neither works while ${name} is down. ` +
        "Give them one, a free address of the LAN: vmstation:bootstrap.endpoint: { address: ADDRESS }",
    },
  ];
}

/** Who has the volumes' client can then open the machines' disks. */
function sharedPool({ config: { hypervisor, platform } }: Site): Warning[] {
  const pool = platform?.storage?.ceph?.pool;
  if (pool === undefined || pool !== hypervisor?.storage) return [];
  return [
    {
      path: "platform.storage.ceph.pool",
      message: `${pool} is vmstation:hypervisor.storage as well. If both are one pool of Ceph, the client of the volumes may read and delete the machines' disks: give the volumes a pool of their own`,
    },
  ];
}

function unusedSecret(secret: string, { facts }: Site, stack: string): Warning {
  const missing = facts.secrets.map(({ name }) => name);
  const meant = missing.length === 0 ? "" : renderMeant(secret, missing);
  return {
    path: secret,
    message:
      `nothing uses this secret${meant}. Name it under a key that ends in Secret, or remove it: ` +
      `npx vmstation pulumi config rm --stack ${stack} vmstation:${secret}`,
  };
}

/** By the wrapper, as plain `pulumi` knows nothing of a local state. */
function setKey(stack: string): string {
  return `npx vmstation pulumi config set --stack ${stack}`;
}

function missingDisks({ machines }: Site, stack: string): Warning[] {
  return machines.flatMap((machine) =>
    Object.entries(machine.mounts)
      .filter(([, mount]) => mount.source === undefined)
      .map(([point]) => ({
        path: `machines.${machine.name}.mounts.${point}.source`,
        message:
          `no source is configured, so ${point} is not mounted. Find the UUID with \`blkid\` on the machine, then run: ` +
          `${setKey(stack)} --path 'vmstation:machines.${machine.name}.mounts["${point}"].source.uuid' UUID`,
      })),
  );
}

function missingSecrets(
  { facts }: Site,
  stack: string,
  isSet: (secret: string) => boolean,
): Warning[] {
  return (
    facts.secrets
      .filter((secret) => !isSet(secret.name))
      // Two layers may need the same secret: one warning names it.
      .filter((secret, i, all) => all.findIndex((other) => other.path === secret.path) === i)
      .map((secret) => ({
        path: secret.path,
        message:
          `the secret ${secret.name} is not set, so ${secret.leftOut}: ` +
          `${setKey(stack)} --secret vmstation:${secret.name}`,
      }))
  );
}

/** It opens something, and the file is in the repository. */
function plainSecrets(
  { config, facts }: Site,
  stack: string,
  isPlain: (secret: string) => boolean,
): Warning[] {
  const { privateKeySecret } = config.remote;
  const names = new Set(facts.secrets.map(({ name }) => name));
  if (privateKeySecret !== undefined) names.add(privateKeySecret);
  return [...names].filter(isPlain).map((name) => ({
    path: name,
    message:
      "this secret stands in plain text in the stack's file: change it where it is used, then " +
      `${setKey(stack)} --secret vmstation:${name}`,
  }));
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

function tooMuchMemory({ machines, facts }: Site): Warning[] {
  return machines.flatMap((machine) => {
    const uses = facts.memory.filter((use) => use.machine === machine.name);
    const sum = uses.reduce((total, use) => total + use.bytes, 0);
    if (machine.memory === undefined || sum <= machine.memory) return [];
    const largest = [...uses].sort((a, b) => b.bytes - a.bytes).slice(0, 4);
    return [
      {
        path: `machines.${machine.name}.memory`,
        message:
          `the memory limits and reserves placed here add up to ${gibibytes(sum)}, more than ` +
          `${gibibytes(machine.memory)}; the largest: ` +
          largest.map((use) => `${use.user} ${gibibytes(use.bytes)} (${use.path})`).join(", "),
      },
    ];
  });
}
