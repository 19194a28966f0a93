import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Project } from "../kit/stack-file/project";
import type { ProgramConfig } from "../kit/stack-file/stack-config";

export interface ProgramArgs {
  project: Project;
  stack: string;
  config: ProgramConfig;
  /** `host:port` of the server that has both the monitor and the engine. */
  address: string;
  dryRun: boolean;
  /** Gets what the program writes itself, on stdout or stderr. */
  onOutput: (text: string) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Runs the program with the SDK's own runner, with the flags and environment that Pulumi's Node.js
 * language host gives it. Resolves to its exit code; 32 says that it has reported its error.
 */
export function runProgram(args: ProgramArgs): Promise<number> {
  const { project, onOutput, signal } = args;
  const child = spawn(process.execPath, renderRunnerArgs(args), {
    cwd: project.programFolder,
    env: { ...process.env, ...renderRunnerEnv(args) },
    stdio: ["ignore", "pipe", "pipe"],
    ...(signal === undefined ? {} : { signal, killSignal: "SIGINT" }),
  });
  forward(child.stdout, onOutput);
  forward(child.stderr, onOutput);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, killedBy) => {
      if (killedBy === null) resolve(code ?? 1);
      else reject(new Error(`the program was ended by ${killedBy}`));
    });
  });
}

function renderRunnerArgs({ project, stack, address, dryRun }: ProgramArgs): string[] {
  const require = createRequire(join(project.programFolder, "index.js"));
  return [
    ...project.nodeArgs,
    require.resolve("@pulumi/pulumi/cmd/run"),
    ...["--monitor", address],
    ...["--engine", address],
    ...["--organization", "organization"],
    ...["--project", project.name],
    ...["--root-directory", project.root],
    ...["--stack", stack],
    ...["--pwd", project.programFolder],
    ...(dryRun ? ["--dry-run"] : []),
    ...["--parallel", String(4 * availableParallelism())],
    project.entryPoint,
  ];
}

function renderRunnerEnv({ project, config, dryRun }: ProgramArgs): Record<string, string> {
  return {
    // A plan asks nobody: the charts that it looks at are those that a preview has fetched.
    ...(dryRun ? { VMSTATION_PLANS: "1" } : {}),
    PULUMI_CONFIG: JSON.stringify(config.values),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(config.secretKeys),
    ...(project.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(project.tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: project.tsconfig }),
  };
}

function forward(stream: Readable, onOutput: (text: string) => void): void {
  stream.setEncoding("utf8").on("data", onOutput);
}
