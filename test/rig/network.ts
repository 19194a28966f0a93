import path from "node:path";
import { run } from "./command";
import { SCRIPTS } from "./run-context";

/** Runs one of the verbs of network.sh. */
export async function network(verb: string, ...args: string[]): Promise<void> {
  await run(path.join(SCRIPTS, "network.sh"), [verb, ...args]);
}

/** Whether the bridge passes on what comes and goes by a port; its link stays up either way. */
export async function setPort(port: string, state: "disabled" | "forwarding"): Promise<void> {
  await run("bridge", ["link", "set", "dev", port, "state", state]);
}
