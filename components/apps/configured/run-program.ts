import { spawnSync } from "node:child_process";

/** What became of a program that was started. */
export type Ended =
  | { readonly kind: "absent" }
  | { readonly kind: "late" }
  | {
      readonly kind: "ended";
      readonly status: number | null;
      readonly stdout: string;
      readonly stderr: string;
    };

/** Milliseconds. Helm and Kustomize answer within seconds, or not at all. */
export const PATIENCE = 30_000;

/** Runs a program of PATH to its end, without input. What it writes has 64 MiB at most. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Ended {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    ...{ ...options, encoding: "utf8", timeout: PATIENCE, maxBuffer: 64 * 2 ** 20 },
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error === undefined) return { kind: "ended", status, stdout, stderr };
  return { kind: "code" in error && error.code === "ETIMEDOUT" ? "late" : "absent" };
}
