import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findOnPath } from "../../scripts/kit/pulumi/find-cli";
import { benchCluster } from "./cluster/start";
import { benchMachines } from "./machines/start";
import { measureInTurn, type Measurement, type Probe } from "./measure";
import { Previews } from "./previews";
import { writeStackFile } from "./stack-file";
import { isMet, renderTable, type Row, seconds } from "./table";

const ROOT = resolve(__dirname, "../..");
const ROUNDS = 5;
/** For what takes long. */
const FEW_ROUNDS = 2;
const SIZES = [3, 30, 300] as const;

type Sized = (size: (typeof SIZES)[number]) => Probe | Promise<Probe>;

const GOALS = { preview: 2, plan: 2.5, growth: 12, gigabytes: 1.5 };

const PARTS = ["plan", "preview", "machines", "cluster"] as const;

/** Whole-process times, as ratios of processes measured in the same run. */
async function main(folder: string, parts: ReadonlySet<string>): Promise<void> {
  const unknown = [...parts].filter((part) => !PARTS.some((known) => known === part));
  if (unknown.length > 0)
    throw new Error(`no part is called ${unknown.join()}; there are ${PARTS.join(", ")}`);
  for (const size of SIZES) writeStackFile(stackFile(folder, size), size);
  const rows = parts.has("plan") ? await benchPlan(folder) : [];
  if (parts.has("preview")) rows.push(...(await benchPreviews(folder)));
  if (rows.length > 0) process.stdout.write(renderTable(rows));
  if (!rows.every(isMet)) process.exitCode = 1;
  if (parts.has("machines") && !(await benchMachines(ROOT))) process.exitCode = 1;
  if (parts.has("cluster") && !(await benchCluster(ROOT))) process.exitCode = 1;
}

async function benchPlan(folder: string): Promise<Row[]> {
  const packages = ["pulumi", "command", "kubernetes", "random"];
  const script = packages.map((name) => `require("@pulumi/${name}");`).join("");
  const loading = { command: process.execPath, args: ["-e", script], folder: ROOT };
  const plan: Sized = (size) => ({
    command: process.execPath,
    args: [
      ...[join(ROOT, "scripts/vmstation.cjs"), "plan", "--json"],
      ...["--stack", "homelab", "--config-file", stackFile(folder, size)],
    ],
    folder: ROOT,
  });
  const [few] = SIZES;
  const ratio = await compare(
    "plan against loading the SDKs",
    await plan(few),
    loading,
    GOALS.plan,
  );
  return [ratio, ...(await growth("plan", plan))];
}

async function benchPreviews(folder: string): Promise<Row[]> {
  const cli = findOnPath(process.env.PATH ?? "");
  if (cli === undefined) {
    process.stdout.write("No Pulumi CLI is on PATH: previews are skipped.\n");
    return [];
  }
  const emptyFolder = newFolder(join(ROOT, ".cache"), "empty-");
  try {
    return await comparePreviews(folder, new Previews({ cli, root: ROOT, folder, emptyFolder }));
  } finally {
    rmSync(emptyFolder, { recursive: true });
  }
}

async function comparePreviews(folder: string, previews: Previews): Promise<Row[]> {
  const probes = new Map<number, Probe>();
  for (const size of SIZES) {
    const file = stackFile(folder, size);
    probes.set(size, await previews.project(`bench-${String(size)}`, file));
  }
  const preview: Sized = (size) => {
    const probe = probes.get(size);
    if (probe === undefined) throw new Error(`no preview of ${String(size)} machines`);
    return probe;
  };
  const [few] = SIZES;
  const what = "preview against an empty program";
  const ratio = await compare(what, await preview(few), await previews.empty(), GOALS.preview);
  return [ratio, ...(await growth("preview", preview))];
}

/** Each runs once unmeasured, so that neither pays for compiling. */
async function compare(what: string, probe: Probe, base: Probe, goal: number): Promise<Row> {
  await measureInTurn([probe, base], 1);
  const [own, other] = await measureInTurn([probe, base], ROUNDS);
  const measured = `${seconds(time(own))} against ${seconds(time(other))}`;
  return { what, measured, value: time(own) / time(other), goal, unit: "x" };
}

async function growth(what: string, sized: Sized): Promise<Row[]> {
  const [few, some, many] = SIZES;
  const probes = [await sized(few), await sized(some), await sized(many)];
  const measurements = await measureInTurn(probes, FEW_ROUNDS);
  const [small, , large] = measurements;
  const all = ((large?.memory.all ?? 0) / 1e9).toFixed(2);
  return [
    {
      what: `${what}, ${SIZES.join(", ")} machines`,
      measured: measurements.map((measurement) => seconds(time(measurement))).join(", "),
      value: time(large) / time(small),
      goal: GOALS.growth,
      unit: "x",
    },
    {
      what: `${what}, memory of ${String(many)} machines`,
      measured: `largest process; all together ${all} GB`,
      value: (large?.memory.largest ?? Number.NaN) / 1e9,
      goal: GOALS.gigabytes,
      unit: "GB",
    },
  ];
}

function time(measurement: Measurement | undefined): number {
  return measurement?.time ?? Number.NaN;
}

function stackFile(folder: string, size: number): string {
  return join(folder, `Pulumi.bench-${String(size)}.yaml`);
}

function newFolder(parent: string, name: string): string {
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, name));
}

const folder = newFolder(tmpdir(), "vmstation-bench-");
const named = process.argv.slice(2);
main(folder, new Set(named.length > 0 ? named : PARTS))
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  })
  .finally(() => {
    rmSync(folder, { recursive: true, force: true });
  });
