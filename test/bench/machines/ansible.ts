import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../rig/command";

const FILES = join(__dirname, "ansible");

/** Where the pinned Ansible is, or will be; each set of pins has a folder of its own. */
function ansibleFolder(root: string): string {
  const pins = readFileSync(join(FILES, "requirements.txt"));
  const digest = createHash("sha256").update(pins).digest("hex").slice(0, 16);
  return join(root, ".cache", `ansible-${digest}`);
}

/** Installs the pinned Ansible from PyPI into the project's cache, unless an earlier run has. */
export async function installAnsible(root: string): Promise<void> {
  const folder = ansibleFolder(root);
  const done = join(folder, "installed");
  if (existsSync(done)) return;
  process.stdout.write(`bench installs Ansible in ${folder} (once)\n`);
  await run("python3", ["-m", "venv", "--clear", folder]);
  const requirements = join(FILES, "requirements.txt");
  const options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
  await run(join(folder, "bin/python"), [...options, "--requirement", requirements]);
  writeFileSync(done, "");
}

export interface AnsibleArgs {
  /** The project's folder. */
  root: string;
  /** A folder for what Ansible keeps. */
  folder: string;
  inventory: string;
  /** An OpenSSH known_hosts file with the machines' keys. */
  knownHosts: string;
  agentSocket: string;
}

export interface AnsibleRun {
  milliseconds: number;
  /** What changed something: "TASK on MACHINE". */
  changes: string[];
}

/** Runs the playbook, from a process's start to its end, over connections of its own. */
export async function runPlaybook(args: AnsibleArgs): Promise<AnsibleRun> {
  // Masters of an earlier run would spare this one its log-ins, or lead to a machine that is gone.
  const home = mkdtempSync(join(args.folder, "ansible-"));
  const options = ["--inventory", args.inventory, join(FILES, "playbook.yml")];
  const start = performance.now();
  const { code, stdout, stderr } = await run(
    join(ansibleFolder(args.root), "bin/ansible-playbook"),
    options,
    {
      anyCode: true,
      env: {
        ...process.env,
        LC_ALL: "C.UTF-8",
        SSH_AUTH_SOCK: args.agentSocket,
        ANSIBLE_CONFIG: join(FILES, "ansible.cfg"),
        ANSIBLE_HOME: home,
        ANSIBLE_SSH_CONTROL_PATH_DIR: join(home, "cp"),
        ANSIBLE_SSH_COMMON_ARGS: `-F none -o UserKnownHostsFile=${args.knownHosts}`,
      },
    },
  );
  const milliseconds = performance.now() - start;
  if (code !== 0) throw new Error(`Ansible failed:\n${stdout}${stderr}`);
  return { milliseconds, changes: listChanges(stdout) };
}

function listChanges(output: string): string[] {
  let task = "";
  return output.split("\n").flatMap((line) => {
    task = /^(?:TASK|RUNNING HANDLER) \[(.*)\]/.exec(line)?.[1] ?? task;
    const machine = /^changed: \[([^\]]+)\]/.exec(line)?.[1];
    return machine === undefined ? [] : [`${task} on ${machine}`];
  });
}
