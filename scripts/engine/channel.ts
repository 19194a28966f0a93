import { type handleUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";

/** 400 MB, as in the SDK: one message holds all inputs of a resource. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

export const CHANNEL_OPTIONS = {
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
};

/** Serves a unary call with an async function; what it throws is the error that the caller gets. */
export function unary<Request, Response>(
  handler: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, respond) => {
    Promise.resolve(call.request)
      .then(handler)
      .then(
        (response) => {
          respond(null, response);
        },
        (error: unknown) => {
          const details = error instanceof Error ? error.message : String(error);
          respond({ code: status.UNKNOWN, details });
        },
      );
  };
}

/** Answers as a monitor that is older than the call; the SDK then asks in another way. */
export function unimplemented(_call: unknown, respond: sendUnaryData<never>): void {
  respond({ code: status.UNIMPLEMENTED });
}
