/** Runs inside the rig's namespaces: `test/rig/run.ts --exec node test/bench/cluster/main.ts`. */
import { RunningReal } from "../../real/running-real";
import { isMet, renderTable, type Row } from "../table";
import { benchBootstrap } from "./bootstrap";
import { benchEngine } from "./engine";
import { benchIdle, benchWake } from "./running";

async function withMachines(bench: (real: RunningReal) => Promise<Row[]>): Promise<Row[]> {
  const real = await RunningReal.start();
  try {
    return await bench(real);
  } finally {
    await real.stop();
  }
}

/** What has been measured is shown at once: the rest takes minutes, and may fail. */
function show(rows: readonly Row[]): void {
  process.stdout.write(renderTable(rows));
  if (!rows.every(isMet)) process.exitCode = 1;
}

async function main(): Promise<void> {
  show(
    await withMachines((real) =>
      benchBootstrap(real, async () => {
        show([...(await benchWake(real)), ...(await benchIdle(real))]);
      }),
    ),
  );
  show(await withMachines(benchEngine));
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 2;
});
