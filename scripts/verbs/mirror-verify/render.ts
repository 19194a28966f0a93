import { renderCommand } from "../../kit/advice";
import type { Fault } from "../../kit/mirror/check";
import type { Needs } from "../../kit/mirror/needs";

export function renderFaults(
  folder: string,
  faults: readonly Fault[],
  needs: Needs,
  configFile?: string,
): string {
  const file = configFile === undefined ? [] : ["--config-file", configFile];
  const { files, charts, images, unlisted } = needs;
  const counts = `${String(files.length)} files, ${String(charts.length)} charts, ${String(images.length)} images`;
  const missing = faults.map(({ kind, name, fault }) => `${kind} ${name}: ${fault}\n`);
  const verdict =
    faults.length === 0
      ? `${folder} has all of ${counts}, and each is what it has to be.\n`
      : `\n${String(faults.length)} of ${counts} are missing or wrong.\nto do: ${renderCommand({ stack: needs.stack }, "mirror", "fetch", folder, ...file)}\n`;
  return [
    ...missing,
    verdict,
    ...(unlisted.length === 0 ? [] : ["\nNot checked:\n"]),
    ...unlisted.map(({ what }) => `  ${what}\n`),
  ].join("");
}
