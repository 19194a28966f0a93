import { spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** The command that prints an inventory. */
export const ANSIBLE_INVENTORY = process.env.ANSIBLE_INVENTORY_COMMAND ?? "ansible-inventory";

/** The Python that the installed Ansible runs in; undefined where there is none. */
export function findAnsible(): string | undefined {
  const found = spawnSync("sh", ["-c", 'command -v "$0"', ANSIBLE_INVENTORY], { encoding: "utf8" });
  if (found.status !== 0) return undefined;
  const command = found.stdout.trim();
  const beside = join(
    dirname(command.startsWith("/") ? realpathSync(command) : command),
    "python3",
  );
  const works = spawnSync(beside, ["-c", "import ansible.inventory.manager"], { stdio: "ignore" });
  return works.status === 0 ? beside : undefined;
}
