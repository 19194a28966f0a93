import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** What systemd says of units (name → text), which may name each other; those that are not there stand in. */
export async function verifyUnits(
  systemdAnalyze: string,
  units: ReadonlyMap<string, string>,
): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "vmstation-units-"));
  try {
    const named = [...units.values()].flatMap((text) => text.match(NAMED) ?? []);
    for (const name of named) writeFileSync(path.join(folder, name), standInOf(name));
    for (const [name, text] of units)
      writeFileSync(path.join(folder, name), text.replace(OUR_PROGRAM, "$1/bin/true"));
    const paths = [...units.keys()].map((name) => path.join(folder, name));
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

const standInOf = (name: string): string => STAND_INS[path.extname(name).slice(1)] ?? "";

/** The unit files that are files here; those that are written from the configuration are tested with the plan. */
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
