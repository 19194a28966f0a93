import { quoteWord } from "../../kit/advice";
import { join } from "node:path";
import { imagePath } from "../../kit/mirror/folder";
import { copyCommand } from "../../kit/mirror/images";
import type { MirrorImage, Needs } from "../../kit/mirror/needs";
import { printable } from "../../kit/terminal/printable";
import type { Fetched } from "./fetcher";

export function renderDone(
  fetched: readonly Fetched[],
  unlisted: Needs["unlisted"],
  dryRun: boolean,
): string {
  const done = dryRun ? "to download: " : "";
  return [
    ...fetched.map(({ kind, name, error }) =>
      error === null
        ? `${done}${kind} ${name}\n`
        : `FAILED: ${kind} ${name}\n  ${printable(error)}\n`,
    ),
    ...(fetched.length === 0 ? ["Nothing is missing that can be downloaded here.\n"] : []),
    ...(unlisted.length === 0 ? [] : ["\nNot downloaded by this command:\n"]),
    ...unlisted.map(({ what, advice }) => `  ${what}\n    to do: ${advice}\n`),
  ].join("");
}

/** The images that are left, and the commands that copy them where skopeo is. */
export function renderWithoutSkopeo(
  images: readonly MirrorImage[],
  folder: string,
  from?: string,
): string {
  const commands = images.map((image) => {
    const target = join(folder, imagePath(image.image));
    return `  mkdir -p ${quoteWord(target)} && ${copyCommand(image, target, from).map(quoteWord).join(" ")}\n`;
  });
  return [
    `\nImages that are missing: ${String(images.length)}. skopeo, which copies images, is not installed here.\n`,
    "to do: install skopeo and type the same command again, or run this where skopeo is:\n",
    ...commands,
  ].join("");
}
