import type { Server as Listener } from "node:net";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import { CHANNEL_OPTIONS } from "./channel";
import { EngineLog } from "./engine-log";
import { ResourceMonitor, type ResourceMonitorArgs } from "./monitor";

/** The two services that a program talks to, on a listener that is already there. */
export class Services {
  readonly monitor: ResourceMonitor;
  readonly log = new EngineLog();
  private readonly server = new Server(CHANNEL_OPTIONS);

  constructor(args: ResourceMonitorArgs, listener: Listener) {
    this.monitor = new ResourceMonitor(args);
    this.server.addService(ResourceMonitorService, this.monitor.service);
    this.server.addService(EngineService, this.log.service);
    const injector = this.server.createConnectionInjector(ServerCredentials.createInsecure());
    listener.on("connection", (socket) => {
      injector.injectConnection(socket);
    });
  }

  close(): void {
    this.monitor.close();
    this.server.forceShutdown();
  }
}
