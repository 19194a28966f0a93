import * as path from "node:path";
import { readScript, type Step, type StepFile } from "../../remote/step";
import { kubespray } from "../../versions";
import { digestOf } from "../args";
import { addonMachines } from "../addon-machines";
import { inventoryOrder, renderInventory, renderKnownHosts } from "./render-inventory";
import { renderWanted, variableGroups, type KubesprayArgs } from "./render-wanted";
import { renderYaml } from "../../shared/yaml";

/** Kubespray's checkout, venv, key and inventory on the controller. */
export const HOME = "/var/lib/vmstation/kubespray";
const LIBRARY = "/usr/local/lib/vmstation/kubespray";

/** run.py and the modules that it imports. */
export const RUNNER_FILES = [
  "awake.py",
  "discover.py",
  "fixed.py",
  "inventory.py",
  "members.py",
  "model.py",
  "name_servers.py",
  "newcomers.py",
  "observe.py",
  "plan_steps.py",
  "playbook.py",
  "refusals.py",
  "removal.py",
  "resolver.py",
  "run.py",
  "variables.py",
];

/** One of RUNNER_FILES. Who may come and go is decided alike for all methods. */
export function readRunner(name: string): string {
  return readScript(__dirname, `${name === "members.py" ? "../" : ""}files/${name}`);
}

function program(name: string): StepFile {
  return {
    path: path.posix.join(LIBRARY, name),
    content: readRunner(name),
    mode: "0755",
    validate: name.endsWith(".py") ? "python" : "shell",
  };
}

export function controllerStep(args: KubesprayArgs): Step {
  const { sources } = args.config;
  const settings = {
    KUBESPRAY_HOME: HOME,
    GIT: sources.kubesprayGit ?? kubespray.git,
    TAG: kubespray.tag,
    COMMIT: sources.kubesprayCommit ?? kubespray.commit,
    INDEX: sources.pythonIndex ?? "default",
    INSTALLER: `${LIBRARY}/install-controller.sh`,
    LOCK: `${LIBRARY}/requirements.lock`,
    REQUIREMENTS: kubespray.requirements,
  };
  const lock: StepFile = {
    path: settings.LOCK,
    content: readScript(__dirname, `files/requirements-${kubespray.tag}.lock`),
  };
  return {
    name: "bootstrap-controller",
    script: readScript(__dirname, "files/controller.sh"),
    libraries: ["files", "long"],
    settings: { ...settings, DIGEST: digestOf({ ...settings, lock: lock.content }) },
    files: [program("install-controller.sh"), lock],
  };
}

/** The controller's step for the end: taken away, it leaves nothing of Kubespray's on the controller. */
export function leftoversOf(step: Step): Step {
  return { ...step, script: readScript(__dirname, "files/leftovers.sh") };
}

/** `publicKey` is what the controller's step has printed. */
export function accessStep(publicKey: string, controllerAddress: string, user: string): Step {
  return {
    name: "bootstrap-access",
    script: readScript(__dirname, "files/access.sh"),
    libraries: [],
    settings: { PUBLIC_KEY: publicKey.trim(), FROM: controllerAddress, LOGIN_USER: user },
  };
}

/** Everything that Kubespray and run.py read. */
export function inventoryFiles(args: KubesprayArgs): StepFile[] {
  const { config, machines } = args;
  const ordered = inventoryOrder(machines, args.controller.name);
  return [
    {
      path: `${HOME}/inventory/hosts.yaml`,
      content: renderYaml(renderInventory(ordered, addonMachines(config, machines))),
    },
    ...Object.entries(variableGroups(args)).map(([group, { variables }]) => ({
      path: `${HOME}/inventory/group_vars/all/${group}.yml`,
      content: renderYaml(variables),
    })),
    { path: `${HOME}/inventory/known_hosts`, content: renderKnownHosts(ordered) },
    {
      path: `${HOME}/inventory/wanted.json`,
      content: `${JSON.stringify(renderWanted(args), null, 2)}\n`,
    },
  ].map((file) => ({ ...file, mode: "0600" }));
}

export function inventoryStep(args: KubesprayArgs): Step {
  return {
    name: "bootstrap-inventory",
    script: readScript(__dirname, "files/inventory.sh"),
    libraries: ["files"],
    settings: { KUBESPRAY_HOME: HOME },
    files: inventoryFiles(args),
  };
}

/** What a run is about; with the same intent, a run that has succeeded is not repeated. */
export function runDigest(args: KubesprayArgs): string {
  return digestOf(inventoryFiles(args));
}

/** What `vmstation reset` does on the controller: see files/reset.sh. */
export function resetStep(args: KubesprayArgs, mode: "soft" | "hard"): Step {
  const run = runStep(args);
  return {
    ...run,
    script: `${run.script}\n${readScript(__dirname, "files/reset.sh")}`,
    settings: { ...run.settings, MODE: mode, CLUSTER: args.clusterName },
  };
}

export function runStep(args: KubesprayArgs): Step {
  return {
    name: "bootstrap-run",
    script: readScript(__dirname, "files/run.sh"),
    libraries: ["files", "long"],
    settings: {
      KUBESPRAY_HOME: HOME,
      RUNNER: `${LIBRARY}/run.py`,
      DIGEST: runDigest(args),
    },
    files: [...RUNNER_FILES, "callbacks/await_nodes.py", "etcd-snapshot.sh"].map(program),
  };
}
