import assert from "node:assert/strict";
import { readInput } from "../../scripts/kit/verb/read-input";
import type { Input as Backup } from "../../scripts/verbs/backup/command";
import type { Input as BootstrapLog } from "../../scripts/verbs/bootstrap-log/command";
import type { Input as Reset } from "../../scripts/verbs/reset/command";
import type { Input as Wake } from "../../scripts/verbs/wake/command";
import { listVerbs } from "./list-verbs";

/** Checked by the compiler: a verb's run can read only what its command declares, as what it is. */
export function readOptions(backup: Backup, log: BootstrapLog, reset: Reset, wake: Wake) {
  const what: string = backup.args[0];
  const list: boolean = backup.options.list;
  const stack: string = backup.options.stack;
  const file: string | undefined = backup.options.configFile;
  const lines: number = log.options.lines;
  const level: "soft" | "hard" | "full" = reset.args[0];
  const wait: boolean = wake.options.wait;
  // @ts-expect-error A misspelt option.
  const misspelt: unknown = backup.options.lsit;
  // @ts-expect-error An option of another verb.
  const foreign: unknown = backup.options.snapshot;
  // @ts-expect-error An argument that there is not.
  const missing: unknown = reset.args[1];
  // @ts-expect-error A choice that there is not.
  const never: boolean = reset.args[0] === "medium";
  return { what, list, stack, file, lines, level, wait, misspelt, foreign, missing, never };
}

describe("what a verb gets", () => {
  async function parse(verb: string, ...words: string[]): Promise<unknown> {
    const command = listVerbs().get(verb);
    assert.ok(command !== undefined);
    command.action(() => undefined);
    await command.parseAsync(words, { from: "user" });
    const call = { words: [verb, ...words], verb, stack: null, cwd: ".", json: false };
    return readInput(command, call);
  }

  it("are its arguments and options, with defaults, and false for a flag that was not given", async () => {
    const options = { list: false, dryRun: false, json: true, stack: "homelab" };
    assert.deepEqual(await parse("backup", "--json", "--stack", "homelab"), {
      args: ["all"],
      options,
    });
    assert.deepEqual(await parse("wake", "a", "b", "--no-wait", "-s", "lab"), {
      args: [["a", "b"]],
      options: { wait: false, dryRun: false, json: false, stack: "lab" },
    });
  });

  it("are numbers where it asks for numbers", async () => {
    const options = { follow: false, install: false, json: false, lines: 100, stack: "homelab" };
    assert.deepEqual(await parse("bootstrap log", "--stack", "homelab"), { args: [], options });
    assert.deepEqual(await parse("bootstrap log", "-n", "7", "-s", "homelab"), {
      args: [],
      options: { ...options, lines: 7 },
    });
  });
});
