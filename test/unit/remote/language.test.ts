import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { renderProgram } from "../../../scripts/verbs/remedy/remedies";

const ROOT = path.join(__dirname, "../../..");

function listFiles(folder: string): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? listFiles(file) : [file];
  });
}

const FILES = ["components", "scripts"].flatMap((folder) => listFiles(path.join(ROOT, folder)));

const read = (file: string): string => fs.readFileSync(file, "utf8");

/** Programs that systemd, sudo or a person starts, and that read what other programs say. */
const ENTRIES = FILES.filter((file) => /^#!\/bin\/sh\n[^]*python3 -B /.test(read(file)));

/** What the verbs send to a machine's shell. */
const SENT = FILES.filter(
  (file) => file.endsWith(".sh") && file.startsWith(path.join(ROOT, "scripts/")),
).filter((file) => path.basename(file) !== "restart-kubelet.sh");

const LIBRARIES = [path.join(ROOT, "components/remote/files/main.sh")];

describe("programs whose output is read", () => {
  it("run in one language, no matter what the machine's is", () => {
    assert.ok(ENTRIES.length >= 4 && SENT.length >= 4);
    const others = [...ENTRIES, ...SENT, ...LIBRARIES].filter((file) => {
      const text = read(file);
      return !(/\bLC_ALL=C\b(?![.-])/.test(text) && /\bexport [A-Z_= ]*\bLC_ALL\b/.test(text));
    });
    assert.deepEqual(
      others.map((file) => path.relative(ROOT, file)),
      [],
    );
    assert.match(renderProgram([]), /LC_ALL=C .*\nexport LC_ALL PATH\n/);
  });

  it("are still read as UTF-8 by Python", () => {
    const code = "import sys; print(sys.flags.utf8_mode, sys.getfilesystemencoding())";
    const env = { PATH: process.env.PATH, LC_ALL: "C", LANG: "de_DE.UTF-8" };
    assert.equal(execFileSync("python3", ["-c", code], { encoding: "utf8", env }), "1 utf-8\n");
  });
});
