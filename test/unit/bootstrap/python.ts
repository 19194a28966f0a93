import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";

const bootstrap = path.join(__dirname, "../../../components/bootstrap");
const FOLDERS = [path.join(bootstrap, "kubespray/files"), path.join(bootstrap, "files")];

/** Runs a Python text beside the layer's own modules; `input` is its variable `given`, what it sets as `answer` is returned. */
export function python(text: string, input: unknown): unknown {
  const program = [
    "import json, sys",
    "given = json.load(sys.stdin)",
    text,
    "json.dump(answer, sys.stdout)",
  ].join("\n");
  const ran = spawnSync("python3", ["-B", "-c", program], {
    input: JSON.stringify(input),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PYTHONPATH: FOLDERS.join(path.delimiter) },
  });
  assert.equal(ran.status, 0, ran.stderr);
  return JSON.parse(ran.stdout);
}
