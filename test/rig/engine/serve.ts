import { Server, ServerCredentials } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import {
  ResourceMonitorService,
  type IResourceMonitorServer,
} from "@pulumi/pulumi/proto/resource_grpc_pb";
import { Result } from "@pulumi/pulumi/proto/resource_pb";
import { CHANNEL_OPTIONS } from "../../../scripts/engine/channel";
import { EngineLog } from "../../../scripts/engine/engine-log";
import { ResourceMonitor, type ResourceMonitorArgs } from "../../../scripts/engine/monitor";

/** The services that a program talks to, on loopback. */
export interface Services {
  readonly address: string;
  readonly monitor: ResourceMonitor;
  readonly log: EngineLog;
  close(): void;
}

/**
 * Serves a program as the engine does with --continue-on-error: the answer to a resource that failed
 * or was skipped says so, and the program goes on with what does not depend on it.
 */
export async function serve(
  args: ResourceMonitorArgs,
  isMissing: (urn: string) => boolean,
): Promise<Services> {
  const monitor = new ResourceMonitor(args);
  const log = new EngineLog();
  const server = new Server(CHANNEL_OPTIONS);
  server.addService(ResourceMonitorService, withResults(monitor.service, isMissing));
  server.addService(EngineService, log.service);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    address: `127.0.0.1:${String(port)}`,
    monitor,
    log,
    close: () => {
      monitor.close();
      server.forceShutdown();
    },
  };
}

function withResults(
  service: IResourceMonitorServer,
  isMissing: (urn: string) => boolean,
): IResourceMonitorServer {
  return {
    ...service,
    registerResource: (call, respond) => {
      service.registerResource(call, (error, response, ...more) => {
        if (response !== undefined && response !== null && isMissing(response.getUrn()))
          response.setResult(Result.FAIL);
        respond(error, response, ...more);
      });
    },
  };
}
