/**
 * Draws a real `pulumi up` of bare machines that become a cluster, where there is an engine, and once `npm run test:real --
 * --build` has built the parts:
 * `node --require tsx/cjs test/rig/run.ts --exec node --require tsx/cjs test/engine/picture/main.ts docs/up.svg`
 */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { RunningReal } from "../../real/running-real";
import type { EngineLab } from "../engine-lab";
import { findEngine } from "../find-engine";
import { type Line, renderTerminal } from "./render-terminal";
import { LEFT_OUT, shortenUpdate } from "./shorten-update";

const SIZE = { rows: 26, columns: 104, seconds: 24 };

const OPTIONS = ["--yes", "--skip-preview"];

async function main(file: string): Promise<void> {
  const engine = await findEngine(process.env);
  if ("missing" in engine) throw new Error(engine.missing);
  const real = await RunningReal.start();
  try {
    const lab = await real.lab.openEngine(engine);
    const lines = await record(lab).finally(() => {
      lab.remove();
    });
    const command = `pulumi up ${OPTIONS.join(" ")}`;
    writeFileSync(file, renderTerminal({ ...SIZE, lines, command, caption: renderCaption(lines) }));
  } finally {
    await real.stop();
  }
}

/** What the CLI says while it brings the stack up. */
async function record(lab: EngineLab): Promise<Line[]> {
  const child = lab.start("up", ...OPTIONS, "--color", "always");
  const start = performance.now();
  const lines: Line[] = [];
  child.stderr.resume();
  const ended = once(child, "close");
  for await (const text of createInterface({ input: child.stdout }))
    lines.push({ text: text.trimEnd(), at: performance.now() - start });
  const [code] = (await ended) as [number | null];
  const last = lines.map(({ text }) => text).slice(-20);
  if (code !== 0) throw new Error(`the update failed:\n${last.join("\n")}`);
  return shortenUpdate(lines);
}

/** What one cannot see in the picture, and what it does not show. */
function renderCaption(lines: readonly Line[]): string[] {
  const took = Math.round((lines.at(-1)?.at ?? 0) / 1000);
  return [
    "The test rig: three bare machines, kubeadm, real kubelets and pods; kube-router in Calico's place.",
    `${took} s, played in ${SIZE.seconds} s. An ellipsis marks a cut line.`,
    `Left out: ${LEFT_OUT}.`,
  ];
}

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("name the file to write");
main(file).catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
});
