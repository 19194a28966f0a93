import { z } from "zod";
import { version } from "../../../stacks/version";
import { STACK_TYPE } from "../../engine/urn";

const outputsSchema = z.object({ version: z.string() });

/** The version that has applied a state, where it is a later one than this program's; undefined where it is not. */
export function findLaterVersion(
  resources: readonly { readonly type: string; readonly outputs?: unknown }[],
  own = version,
): string | undefined {
  const root = resources.find(({ type }) => type === STACK_TYPE);
  const outputs = outputsSchema.safeParse(root?.outputs);
  if (!outputs.success) return undefined;
  return isLater(outputs.data.version, own) ? outputs.data.version : undefined;
}

/** Compares MAJOR.MINOR.PATCH; what is none is not later. */
function isLater(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) =>
    /^(\d+)\.(\d+)\.(\d+)$/.exec(text)?.slice(1).map(Number),
  );
  if (a === undefined || b === undefined) return false;
  const at = a.findIndex((number, index) => number !== b[index]);
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0);
}
