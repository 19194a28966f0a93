import { credentials } from "@grpc/grpc-js";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { type Callback, CallbackInvokeRequest } from "@pulumi/pulumi/proto/callback_pb";
import { ResourceHookRequest, ResourceHookResponse } from "@pulumi/pulumi/proto/resource_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { CHANNEL_OPTIONS } from "./channel";
import type { HookState } from "./registrar";
import type { Registration } from "./registration";
import { marshalMap, type PropertyMap } from "./values";

/** Calls functions that live in the program's process, such as resource hooks. */
export class Callbacks {
  private readonly clients = new Map<string, CallbacksClient>();

  /** Runs one hook; rejects with the hook's own message when it fails. */
  async runHook(callback: Callback, registration: Registration, state: HookState): Promise<void> {
    const request = new ResourceHookRequest();
    request.setUrn(registration.urn);
    request.setName(registration.name);
    request.setType(registration.type);
    request.setId(state.id ?? "");
    request.setNewInputs(struct(state.newInputs));
    request.setOldInputs(struct(state.oldInputs));
    request.setNewOutputs(struct(state.newOutputs));
    request.setOldOutputs(struct(state.oldOutputs));
    const answer = await this.invoke(callback, request.serializeBinary());
    const error = ResourceHookResponse.deserializeBinary(answer).getError();
    if (error !== "") throw new Error(error);
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
  }

  private invoke(callback: Callback, payload: Uint8Array): Promise<Uint8Array> {
    const request = new CallbackInvokeRequest();
    request.setToken(callback.getToken());
    request.setRequest(payload);
    return new Promise((resolve, reject) => {
      this.client(callback.getTarget()).invoke(request, (error, response) => {
        if (error === null) resolve(response.getResponse_asU8());
        else reject(new Error(error.details));
      });
    });
  }

  private client(target: string): CallbacksClient {
    const known = this.clients.get(target);
    if (known !== undefined) return known;
    const client = new CallbacksClient(target, credentials.createInsecure(), CHANNEL_OPTIONS);
    this.clients.set(target, client);
    return client;
  }
}

function struct(map: PropertyMap | undefined): Struct | undefined {
  return map === undefined ? undefined : Struct.fromJavaScript(marshalMap(map));
}
