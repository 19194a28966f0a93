import { setTimeout as delay } from "node:timers/promises";

/** How often a condition that cannot announce itself is looked at, in milliseconds. */
const INTERVAL = 50;

/**
 * Waits until `condition` returns something other than undefined or false, and returns that.
 * Rejects after `timeout` milliseconds, saying what was waited for and the last error, if any.
 */
export async function waitFor<T>(
  what: string,
  condition: () => Promise<T | undefined | false>,
  timeout = 30_000,
): Promise<T> {
  const end = performance.now() + timeout;
  let last: unknown;
  do {
    try {
      const value = await condition();
      if (value !== undefined && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await delay(INTERVAL);
  } while (performance.now() < end);
  throw new Error(`waited ${timeout / 1000} s in vain: ${what}`, { cause: last });
}
