import { renderHeader } from "../../../components/remote/header";
import { RUN } from "../../../components/remote/render-stdin";

/** How every version has run a removal; what it runs comes on standard input. */
export const REMOVE = `${RUN} remove`;

/**
 * One script that runs those of several resources, the last one first: what the others build on goes last. Each gets the
 * verb, in a shell of its own.
 */
export function combineScripts(step: string, machine: string, scripts: readonly string[]): string {
  return [
    renderHeader({ step, machine }),
    "set -eu",
    ...[...scripts].reverse().map((script) => {
      const delimiter = delimiterFor(script);
      return `sh -eus "$1" <<'${delimiter}'\n${script.trimEnd()}\n${delimiter}`;
    }),
    "",
  ].join("\n");
}

function delimiterFor(text: string): string {
  const lines = new Set(text.split("\n"));
  let delimiter = "END_OF_SCRIPT";
  while (lines.has(delimiter)) delimiter += "_";
  return delimiter;
}
