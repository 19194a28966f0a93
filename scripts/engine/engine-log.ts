import {
  GetRootResourceResponse,
  LogSeverity,
  RequirePulumiVersionResponse,
  SetRootResourceResponse,
} from "@pulumi/pulumi/proto/engine_pb";
import type { IEngineServer } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { unary } from "./channel";

/** Pulumi's Engine service: what a program says besides its resources. */
export class EngineLog {
  readonly infos: string[] = [];
  readonly warnings: string[] = [];
  readonly errors: string[] = [];
  private rootUrn = "";

  readonly service: IEngineServer = {
    log: unary((request) => {
      this.listOf(request.getSeverity())?.push(request.getMessage());
      return new Empty();
    }),
    getRootResource: unary(() => new GetRootResourceResponse().setUrn(this.rootUrn)),
    setRootResource: unary((request) => {
      this.rootUrn = request.getUrn();
      return new SetRootResourceResponse();
    }),
    startDebugging: unary(() => new Empty()),
    requirePulumiVersion: unary(() => new RequirePulumiVersionResponse()),
  };

  private listOf(severity: LogSeverity): string[] | undefined {
    if (severity === LogSeverity.ERROR) return this.errors;
    if (severity === LogSeverity.WARNING) return this.warnings;
    return severity === LogSeverity.INFO ? this.infos : undefined;
  }
}
