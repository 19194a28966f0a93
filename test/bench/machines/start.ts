import { spawn } from "node:child_process";
import { join } from "node:path";
import { findObstacle, installTools, lastLine, loadModules, prepareBase } from "../../rig/host";
import { installAnsible } from "./ansible";

/**
 * Compares the machines' part with Ansible, on the rig's machines. Says in one line why not where it cannot
 * be done. Resolves to whether every goal was met.
 */
export async function benchMachines(root: string): Promise<boolean> {
  const obstacle = await prepare(root);
  if (obstacle !== undefined) {
    process.stdout.write(`The comparison with Ansible is skipped: ${obstacle}.\n`);
    return true;
  }
  const node = [process.execPath, "--require", "tsx/cjs"];
  const [program = "", ...args] = [
    ...[...node, join(root, "test/rig/run.ts"), "--exec"],
    ...[...node, join(__dirname, "main.ts"), root],
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code) => {
      resolve(code === 0);
    });
  });
}

/** All that needs the network, which the rig's namespaces do not have. */
async function prepare(root: string): Promise<string | undefined> {
  const obstacle = await findObstacle();
  if (obstacle !== undefined) return `the rig cannot run here: ${obstacle}`;
  try {
    await installTools();
    await loadModules();
    await Promise.all([prepareBase("bookworm"), prepareBase("trixie")]);
    await installAnsible(root);
    return undefined;
  } catch (error) {
    return `this host could not be readied: ${lastLine(error)}`;
  }
}
