import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findProgram, NOTHING_FOUND, run, type Check } from "./check";
import { Passed, ROOT } from "./files";

const UNIT = /\.(service|socket|timer|mount|path|target)$/;

/** Programs that we put onto machines, which are not here; systemd looks whether it could run them. */
const OUR_PROGRAM = /^(Exec\w+=[-@:+!]*)\/(?:usr\/local|var\/lib|opt)\/\S+/gm;

/** A unit of ours that another one names. */
const NAMED = /\b(?:vmstation-[\w@-]+|rig-[\w@-]+)\.(?:service|socket|timer)\b/g;

const STAND_INS: Record<string, string> = {
  service: "[Service]\nExecStart=/bin/true\n",
  socket: "[Socket]\nListenStream=127.0.0.1:1\n",
  timer: "[Timer]\nOnBootSec=1\n",
};

/** What is started by a unit that does not say so: by its own name. */
const STARTED: Record<string, string> = {
  ".timer": ".service",
  ".socket": ".service",
  ".automount": ".mount",
};

/**
 * What systemd says of units (name → text), which may name each other; those that are not there stand in. A drop-in
 * has its folder in its name: "ssh.service.d/50-ours.conf".
 */
export async function verifyUnits(
  systemdAnalyze: string,
  units: ReadonlyMap<string, string>,
): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "vmstation-units-"));
  try {
    const standIns = listStandIns(units);
    for (const name of standIns) writeFileSync(path.join(folder, name), standInOf(name));
    for (const [name, text] of units) {
      mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
      writeFileSync(path.join(folder, name), text.replace(OUR_PROGRAM, "$1/bin/true"));
    }
    const whole = [...units.keys(), ...standIns].filter((name) => !isDropIn(name));
    const paths = whole.map((name) => path.join(folder, name));
    const { said } = await run(systemdAnalyze, ["verify", "--man=no", ...paths]);
    // It also says what is wrong with the units of this machine.
    const ours = said
      .split("\n")
      .filter((line) => [...units.keys()].some((name) => line.includes(name)));
    return ours.map((line) => `${line.replaceAll(`${folder}/`, "")}\n`).join("");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const isDropIn = (name: string): boolean => name.includes("/");

/** Units that others name, start or extend, and that are not among them. */
function listStandIns(units: ReadonlyMap<string, string>): string[] {
  const needed = [...units].flatMap(([name, text]) => {
    const named = text.match(NAMED) ?? [];
    if (isDropIn(name)) return [...named, path.dirname(name).replace(/\.d$/, "")];
    const ending = path.extname(name);
    const started = STARTED[ending];
    return started === undefined ? named : [...named, path.basename(name, ending) + started];
  });
  const isThere = (name: string): boolean =>
    units.has(name) || units.has(name.replace(/@.*(?=\.)/, "@"));
  return [...new Set(needed)].filter(
    (name) => path.extname(name).slice(1) in STAND_INS && !isThere(name),
  );
}

const standInOf = (name: string): string => STAND_INS[path.extname(name).slice(1)] ?? "";

/** The unit files that are files here; those written from the configuration are verified by test/unit/stacks/graph.test.ts. */
export const units: Check = {
  name: "systemd's units",
  run: async (files) => {
    const systemdAnalyze = findProgram("systemd-analyze");
    if (systemdAnalyze === undefined) return { skipped: "there is no systemd-analyze on the PATH" };
    const { said: version } = await run(systemdAnalyze, ["--version"]);
    const found = files.filter((file) => UNIT.test(file));
    const passed = new Passed("units", version);
    if (passed.leftOf(found).length === 0) return NOTHING_FOUND;
    const texts = found.map(
      (file) => [path.basename(file), readFileSync(path.join(ROOT, file), "utf8")] as const,
    );
    const faults = await verifyUnits(systemdAnalyze, new Map(texts));
    if (faults === "") passed.keep(found);
    return { faults };
  },
};
