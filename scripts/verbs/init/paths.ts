/** A path without doubled slashes and one at its end. */
export function normalisePath(path: string): string {
  const single = path.replace(/\/+/g, "/");
  return single === "/" ? single : single.replace(/\/$/, "");
}
