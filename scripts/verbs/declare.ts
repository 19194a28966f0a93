import type { Command } from "commander";
import { loadVerb } from "./load-verb";

/** An action that hands options and arguments to the verb's file and keeps its exit code. */
export function runs(name: string): (this: Command) => Promise<void> {
  return async function run() {
    const input = { ...this.optsWithGlobals(), args: this.args };
    process.exitCode = await loadVerb(name).run(input);
  };
}

/** `--stack`, which every verb has. */
export function withStack(command: Command): Command {
  return command.option("-s, --stack <name>", "the stack", process.env.PULUMI_STACK ?? "homelab");
}

/** `--stack`, and `--config-file` for those that read the configuration. */
export function withConfig(command: Command): Command {
  return withStack(command).option(
    "--config-file <file>",
    "read this instead of Pulumi.<stack>.yaml",
  );
}

/** Adds a value to a repeatable option's list. */
export function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

/** Examples at the end of a verb's help: what is typed, and what it does. */
export function examples(...lines: readonly (readonly [command: string, does: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const rendered = lines.map(([command, does]) => `  ${command.padEnd(width)}  ${does}`);
  return `\nExamples:\n${rendered.join("\n")}`;
}
