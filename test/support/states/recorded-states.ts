import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { parseExport, type StackExport } from "../../../scripts/kit/state/deployment";

const FOLDER = path.join(__dirname, "../fixtures/states");
const END = ".json.br";

/** The versions of which a state was recorded, by their commits. */
export function listRecorded(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(END))
    .map((file) => file.slice(0, -END.length))
    .sort();
}

/** What Pulumi's engine had in the state of the rig's stack after an update by that version, without secrets. */
export function readRecorded(version: string): StackExport {
  const packed = readFileSync(path.join(FOLDER, `${version}${END}`));
  return parseExport(brotliDecompressSync(packed).toString("utf8"));
}
