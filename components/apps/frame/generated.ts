import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../../..");

/**
 * Where the program writes what a provider reads from a file while it plans: an overlay, a post-renderer. Git ignores it,
 * and it is written again by each plan. VMSTATION_GENERATED names another folder, for a checkout that is not to be written.
 */
export function generatedFolder(...names: readonly string[]): string {
  return path.join(process.env.VMSTATION_GENERATED ?? path.join(ROOT, ".vmstation"), ...names);
}
