import { connect } from "node:net";

/** Milliseconds until a silent address counts as one that does not answer. */
const SILENCE = 2000;

/** Whether an SSH server greets at an address; rejects where nothing listens. */
export function answersWithSsh(address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: 22, timeout: SILENCE });
    socket.once("data", (greeting) => {
      socket.destroy();
      resolve(greeting.toString("latin1").startsWith("SSH-2.0-"));
    });
    socket.once("timeout", () => socket.destroy(new Error(`${address} does not answer`)));
    socket.once("error", reject);
    socket.once("close", () => {
      resolve(false);
    });
  });
}
