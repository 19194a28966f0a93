import assert from "node:assert/strict";
import {
  parsePulumiArguments,
  PULUMI_COMMANDS,
  type PulumiArguments,
} from "../../../scripts/kit/pulumi/arguments";

/** What a person typed after `vmstation pulumi`, parsed. */
export function parseLine(line: string): PulumiArguments {
  const [first, ...rest] = line.split(" ");
  const command = PULUMI_COMMANDS.find((one) => one === first);
  assert.ok(command !== undefined, line);
  return parsePulumiArguments(command, rest);
}
