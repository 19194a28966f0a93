import { createServer, type Server, type Socket } from "node:net";
import type { Machine } from "../machine";
import { NETWORK } from "../machine-spec";
import { waitFor } from "../wait";

const WORD = "result";

/** A program on each machine that waits on a connection of its own for the other side's first word: ours. */
export class WaitingClients {
  private constructor(
    private readonly machines: readonly Machine[],
    private readonly server: Server,
    private readonly sockets: readonly Socket[],
  ) {}

  static async start(machines: readonly Machine[]): Promise<WaitingClients> {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on("error", () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, NETWORK.controller, resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const client = `exec 3<>/dev/tcp/${NETWORK.controller}/${port}; head -c ${WORD.length} <&3 >/run/rig-waiting`;
    for (const machine of machines)
      await machine.exec(`systemd-run -q --collect --unit=rig-waiting bash -c '${client}'`);
    await waitFor("the clients", async () => Promise.resolve(sockets.length === machines.length));
    return new WaitingClients(machines, server, sockets);
  }

  /** Speaks at last, and waits until each of them has heard it. */
  async speak(): Promise<void> {
    for (const socket of this.sockets) socket.write(WORD);
    for (const machine of this.machines) {
      await waitFor(`${machine.name} to hear what it waits for`, async () => {
        const { stdout } = await machine.exec("cat /run/rig-waiting");
        return stdout.trim() === WORD;
      });
    }
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}
