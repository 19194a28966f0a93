/** Runs inside the rig's namespaces: `test/rig/run.ts --exec node test/bench/machines/main.ts ROOT`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRig } from "../../rig/rig";
import { isMet, renderTable } from "../table";
import { Comparison } from "./comparison";
import { benchEngine } from "./engine";
import { renderCpu, renderLogins, renderSteps, rowsOf, timeOf } from "./results";

async function main(root: string, folder: string): Promise<void> {
  const rig = await startRig();
  try {
    const comparison = new Comparison(rig, root, folder);
    await comparison.run();
    const rows = rowsOf(comparison.samples);
    rows.push(
      ...(await benchEngine({
        ...{ agentSocket: rig.agentSocket, stackFile: comparison.stackFile },
        ansible: timeOf(comparison.samples, "ansible-again"),
        reset: () => comparison.resetMachines(),
      })),
    );
    process.stdout.write(renderTable(rows));
    process.stdout.write(renderLogins(comparison.samples));
    process.stdout.write(renderCpu(comparison.samples));
    process.stdout.write(renderSteps(comparison.steps));
    if (!rows.every(isMet)) process.exitCode = 1;
  } finally {
    await rig.stop();
  }
}

const [root = process.cwd()] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "vmstation-bench-"));
main(root, folder)
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  })
  .finally(() => {
    rmSync(folder, { recursive: true, force: true });
  });
