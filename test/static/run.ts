import { listFiles } from "./files";
import { picture } from "./picture";
import { pythonRules, pythonTypes } from "./python";
import { shell } from "./shell";
import { units } from "./units";
import { words } from "./words";

/** Checks what runs on machines and is no TypeScript, and the words of everything. Says what was not checked; that counts as nothing. */
async function main(): Promise<void> {
  const files = listFiles();
  const checks = [pythonTypes, pythonRules, shell, units, words, picture];
  const outcomes = await Promise.all(checks.map((check) => check.run(files)));
  for (const [index, outcome] of outcomes.entries()) {
    const name = checks[index]?.name ?? "";
    if ("skipped" in outcome) console.log(`not checked: ${name}: ${outcome.skipped}`);
    else if (outcome.faults !== "") {
      console.error(`${name}:\n${outcome.faults}`);
      process.exitCode = 1;
    }
  }
}

void main();
