import { z } from "zod";
import { absolutePath, dnsLabel, size } from "../../shared/scalars";

const USER = "a user id, 1 to 65533: an app never runs as root";

/** The user, and the group of the same number, that an app runs as. */
export const userId = z.int(USER).min(1, USER).max(65_533, USER);

/** A whole number of `what` within limits: "a number of players, 1 to 100". */
export function countOf(what: string, least: number, most: number) {
  const accepted = `a number of ${what}, ${least} to ${most}`;
  return z.int(accepted).min(least, accepted).max(most, accepted);
}

/** A class of the platform, by which the data follows the app. */
export const storageClass = dnsLabel
  .optional()
  .describe("Storage class of vmstation:platform that holds it, instead of the folder");

/** Keys of what an app keeps: a folder on its machine, or a claim. `bytes` is its default size, such as "5Gi". */
export const volumeKeys = (folder: string, bytes: string) => ({
  path: absolutePath.prefault(folder).describe("Folder on the machine"),
  size: size.prefault(bytes).describe("Shown by the volume; nothing enforces it"),
  storageClass,
});
