import type { MirrorImage, Needs } from "../../kit/mirror/needs";

/** The lists for people: one line for each, with who uses it; at the end what is not listed. */
export function renderNeeds({ files, charts, images, unlisted }: Needs): string {
  return [
    heading("Files", files.length),
    ...files.map((file) => `  ${file.url}\n    ${digestOf(file)}; ${file.machines.join(", ")}\n`),
    heading("Charts", charts.length),
    ...charts.map((one) => `  ${one.chart} ${one.version} from ${one.repository}\n`),
    heading("Images", images.length),
    ...images.map(
      (one) => `  ${nameOf(one)}\n    ${one.parts.join(", ")}; ${one.machines.join(", ")}\n`,
    ),
    heading("Not in these lists", unlisted.length),
    ...unlisted.map(({ what, advice }) => `  ${what}\n    to do: ${advice}\n`),
  ].join("");
}

function heading(title: string, count: number): string {
  return `${title}: ${String(count)}\n`;
}

function digestOf({ sha256, listedIn }: Needs["files"][number]): string {
  if (sha256 !== null) return `sha256 ${sha256}`;
  return listedIn === null ? "no digest" : "digest in the publisher's list";
}

function nameOf({ image, digest }: MirrorImage): string {
  return digest === null ? image : `${image}@${digest}`;
}
