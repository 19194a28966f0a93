import type { IResourceMonitorServer } from "@pulumi/pulumi/proto/resource_grpc_pb";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import { InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import {
  type RegisterPackageResponse,
  type RegisterResourceOutputsRequest,
  type RegisterResourceRequest,
  RegisterResourceResponse,
  type ResourceInvokeRequest,
  Result,
  SupportsFeatureResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Callbacks } from "./callbacks";
import { unary, unimplemented } from "./channel";
import type { Registrar, RegistrarContext, RunHooks } from "./registrar";
import { parseRegistration, type Registration } from "./registration";
import { renderUrn } from "./urn";
import { marshalMap, type PropertyMap, unmarshalMap } from "./values";

export interface ResourceMonitorArgs {
  project: string;
  stack: string;
  registrar: Registrar;
  /** As in the engine, a dry run calls only those hooks that were registered for it. */
  dryRun: boolean;
}

interface Hook {
  callback: Callback;
  onDryRun: boolean;
  ignoreErrors: boolean;
}

/** What this monitor does as the engine would. Transforms are not among it, nor are packages. */
const FEATURES = new Set([
  "secrets",
  "resourceReferences",
  "outputValues",
  "aliasSpecs",
  "deletedWith",
  "replaceWith",
  "replacementTrigger",
  "resourceHooks",
  "errorHooks",
]);

/** Pulumi's ResourceMonitor service: keeps the graph that a program registers. */
export class ResourceMonitor {
  /** In the order in which the program registered them. */
  readonly registrations = new Map<string, Registration>();
  /** What components and the stack registered as their outputs, by URN. */
  readonly outputs = new Map<string, PropertyMap>();
  private readonly hooks = new Map<string, Hook>();
  private readonly callbacks = new Callbacks();
  private readonly context: RegistrarContext;

  constructor(private readonly args: ResourceMonitorArgs) {
    const { registrations, runHooks } = this;
    this.context = { dryRun: args.dryRun, registrations, runHooks };
  }

  readonly service: IResourceMonitorServer = {
    getDeploymentInfo: unimplemented,
    supportsFeature: unary((request) => {
      return new SupportsFeatureResponse().setHassupport(FEATURES.has(request.getId()));
    }),
    registerResource: unary((request) => this.registerResource(request)),
    registerResourceOutputs: unary((request) => this.registerOutputs(request)),
    registerResourceHook: unary((request) => {
      const onDryRun = request.getOnDryRun();
      const ignoreErrors = request.getIgnoreErrors();
      return this.addHook(request.getName(), request.getCallback(), onDryRun, ignoreErrors);
    }),
    registerErrorHook: unary((request) => {
      return this.addHook(request.getName(), request.getCallback(), false, false);
    }),
    invoke: unary((request) => this.invoke(request)),
    call: unary((request) => refuse(`cannot call the method ${request.getTok()}`)),
    readResource: unary((request) => refuse(`cannot read ${request.getType()}`)),
    registerPackage: unary((): RegisterPackageResponse => refuse("has no parameterized packages")),
    registerStackTransform: unary((): Empty => refuse("has no transforms")),
    registerStackInvokeTransform: unary((): Empty => refuse("has no transforms")),
    signalAndWaitForShutdown: unary(async () => {
      await this.args.registrar.finish?.(this.context);
      return new Empty();
    }),
  };

  close(): void {
    this.callbacks.close();
  }

  private async registerResource(
    request: RegisterResourceRequest,
  ): Promise<RegisterResourceResponse> {
    const registration = this.register(request);
    const response = new RegisterResourceResponse().setUrn(registration.urn);
    if (!registration.custom) return response.setObject(new Struct());
    const { id, outputs, failed } = await this.args.registrar.register(registration, this.context);
    if (failed === true) response.setResult(Result.FAIL);
    // Inputs that come back as they were need not be packed again.
    const received = outputs === registration.inputs ? request.getObject() : undefined;
    return response
      .setId(id ?? "")
      .setObject(received ?? Struct.fromJavaScript(marshalMap(outputs)));
  }

  private register(request: RegisterResourceRequest): Registration {
    const { stack, project, dryRun } = this.args;
    // What a package would make of it (a Kustomize folder's objects, say) is not in the plan; the component is.
    if (request.getRemote() && !dryRun) refuse(`cannot construct ${request.getType()}`);
    const parent = this.parentOf(request);
    const type = request.getType();
    const name = request.getName();
    const urn = renderUrn({ stack, project, parent: parent?.urn, type, name });
    if (this.registrations.has(urn)) {
      throw new Error(`the program declares ${urn} twice; give one of them another name`);
    }
    const registration = parseRegistration(urn, request, parent, { stack, project });
    this.registrations.set(urn, registration);
    return registration;
  }

  private parentOf(request: RegisterResourceRequest): Registration | undefined {
    const urn = request.getParent();
    if (urn === "") return undefined;
    const parent = this.registrations.get(urn);
    if (parent === undefined) throw new Error(`${request.getName()} has an unknown parent: ${urn}`);
    return parent;
  }

  private registerOutputs(request: RegisterResourceOutputsRequest): Empty {
    const outputs = unmarshalMap(request.getOutputs()?.toJavaScript() ?? {});
    this.outputs.set(request.getUrn(), outputs);
    return new Empty();
  }

  private addHook(
    name: string,
    callback: Callback | undefined,
    onDryRun: boolean,
    ignoreErrors: boolean,
  ): Empty {
    if (callback === undefined) throw new Error(`the hook ${name} has no callback`);
    if (this.hooks.has(name)) throw new Error(`the hook ${name} is registered twice`);
    this.hooks.set(name, { callback, onDryRun, ignoreErrors });
    return new Empty();
  }

  private readonly runHooks: RunHooks = async (registration, kind, state) => {
    for (const name of registration.hooks[kind] ?? []) {
      const hook = this.hooks.get(name);
      if (hook === undefined) throw new Error(`${registration.urn} names no known hook: ${name}`);
      if (this.args.dryRun && !hook.onDryRun) continue;
      await this.callbacks.runHook(hook.callback, registration, state).catch((error: unknown) => {
        if (!hook.ignoreErrors) throw error;
      });
    }
  };

  private async invoke(request: ResourceInvokeRequest): Promise<InvokeResponse> {
    const token = request.getTok();
    const args = unmarshalMap(request.getArgs()?.toJavaScript() ?? {});
    const result = await this.args.registrar.invoke?.(token, args);
    if (result === undefined) return refuse(`cannot answer the function ${token}`);
    return new InvokeResponse().setReturn(Struct.fromJavaScript(marshalMap(result)));
  }
}

function refuse(what: string): never {
  throw new Error(`without the Pulumi engine and its providers, vmstation ${what}`);
}
