import { Server, ServerCredentials } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import { CHANNEL_OPTIONS } from "./channel";
import { EngineLog } from "./engine-log";
import { ResourceMonitor } from "./monitor";
import { runProgram } from "./program";
import type { Project } from "./project";
import type { Registrar } from "./registrar";
import type { ProgramConfig } from "./stack-config";

export interface RunArgs {
  project: Project;
  stack: string;
  config: ProgramConfig;
  registrar: Registrar;
  /** True for what `pulumi preview` would say; false where the registrar really applies it. */
  dryRun: boolean;
  onOutput: (text: string) => void;
  signal?: AbortSignal | undefined;
}

export interface RunResult {
  monitor: ResourceMonitor;
  log: EngineLog;
  exitCode: number;
}

/** Runs a Pulumi program to its end against a monitor and an engine of our own, on loopback. */
export async function run(args: RunArgs): Promise<RunResult> {
  const { project, stack, registrar, dryRun } = args;
  const monitor = new ResourceMonitor({ project: project.name, stack, registrar, dryRun });
  const log = new EngineLog();
  const server = new Server(CHANNEL_OPTIONS);
  server.addService(ResourceMonitorService, monitor.service);
  server.addService(EngineService, log.service);
  try {
    const address = `127.0.0.1:${String(await listen(server))}`;
    const exitCode = await runProgram({ ...args, address });
    return { monitor, log, exitCode };
  } finally {
    monitor.close();
    server.forceShutdown();
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}
