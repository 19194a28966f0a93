import { isExact } from "../shared/scalars";

export { EXACT } from "../shared/scalars";

/** Whether every number in a value keeps all the digits that were written. */
export function hasExactNumbers(value: unknown): boolean {
  if (typeof value === "number") return isExact(value);
  return typeof value !== "object" || value === null || Object.values(value).every(hasExactNumbers);
}
