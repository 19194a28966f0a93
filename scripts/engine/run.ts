import { createServer, type Server } from "node:net";
import type { EngineLog } from "./engine-log";
import { loadServices } from "./load-services";
import type { ResourceMonitor } from "./monitor";
import { runProgram } from "./program";
import type { Project } from "../kit/stack-file/project";
import type { Registrar } from "./registrar";
import type { ProgramConfig } from "../kit/stack-file/stack-config";

export interface RunArgs {
  project: Project;
  stack: string;
  config: ProgramConfig;
  registrar: Registrar;
  /** True for what `pulumi preview` would say; false where the registrar really applies it. */
  dryRun: boolean;
  /** Gets what the program writes itself, on stdout or stderr. */
  onOutput: (text: string) => void;
  /** Ends the program early. */
  signal?: AbortSignal | undefined;
}

export interface RunResult {
  monitor: ResourceMonitor;
  log: EngineLog;
  exitCode: number;
}

/** Runs a Pulumi program to its end against a monitor and an engine of our own, on loopback. */
export async function run(args: RunArgs): Promise<RunResult> {
  const listener = createServer();
  try {
    const address = `127.0.0.1:${String(await listen(listener))}`;
    const ended = runProgram({ ...args, address });
    // The program takes longest to start: what answers it is loaded meanwhile.
    const { Services } = loadServices();
    const services = new Services({ ...args, project: args.project.name }, listener);
    try {
      return { monitor: services.monitor, log: services.log, exitCode: await ended };
    } finally {
      services.close();
    }
  } finally {
    listener.close();
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string")
        reject(new Error("no port to listen on"));
      else resolve(address.port);
    });
  });
}
