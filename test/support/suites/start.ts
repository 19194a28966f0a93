import { spawn } from "node:child_process";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Starts a suite's process and returns its exit code. A signal to this process goes on to it, or is `onSignal`, where
 * only that ends it.
 */
export function start(
  command: readonly string[],
  variables: NodeJS.ProcessEnv,
  onSignal?: NodeJS.Signals,
): Promise<number> {
  const [program = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: "inherit",
      env: { ...process.env, ...variables },
    });
    for (const signal of SIGNALS) process.once(signal, () => void child.kill(onSignal ?? signal));
    child.on("error", reject);
    child.on("exit", (code) => {
      resolve(code ?? 1);
    });
  });
}

/** Runs `main` with this process' arguments; its result is the exit code. */
export function runMain(main: (args: readonly string[]) => Promise<number>): void {
  main(process.argv.slice(2)).then(
    (code) => (process.exitCode = code),
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
