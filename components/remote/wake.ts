import * as dgram from "node:dgram";
import * as net from "node:net";
import * as os from "node:os";
import * as ipaddr from "ipaddr.js";

/** UDP port of magic packets: 9, "discard", as AMD's white paper on the Magic Packet and every sender since. */
const WAKE_PORT = 9;

/** Six bytes of 0xff, then the MAC address sixteen times: the payload that a sleeping NIC looks for. */
export function renderMagicPacket(mac: string): Buffer {
  const address = Buffer.from(mac.replaceAll(":", ""), "hex");
  if (address.length !== 6) throw new Error(`not a MAC address: ${mac}`);
  return Buffer.concat([Buffer.alloc(6, 0xff), ...Array<Buffer>(16).fill(address)]);
}

/** Sends the packet once to each target (a broadcast address, and the machine's own for directed wake). */
export async function sendMagicPacket(mac: string, targets: readonly string[]): Promise<void> {
  const packet = renderMagicPacket(mac);
  const socket = dgram.createSocket("udp4");
  try {
    await new Promise<void>((resolve) => {
      socket.bind(0, resolve);
    });
    socket.setBroadcast(true);
    await Promise.all(targets.map((target) => sendOne(socket, packet, target)));
  } finally {
    socket.close();
  }
}

function sendOne(socket: dgram.Socket, packet: Buffer, target: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(packet, WAKE_PORT, target, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Whether a server at host:port introduces itself as SSH within `timeout` ms (RFC 4253: "SSH-" first). */
export function answersSsh(host: string, port: number, timeout: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeout, () => {
      finish(false);
    });
    socket.on("error", () => {
      finish(false);
    });
    socket.on("end", () => {
      finish(false);
    });
    socket.once("data", (data) => {
      finish(data.toString("latin1").startsWith("SSH-"));
    });
  });
}

/** Whether this computer has an address in `cidr`, so that a broadcast there reaches the machines. */
export function isOnLan(
  cidr: string,
  interfaces: NodeJS.Dict<os.NetworkInterfaceInfo[]> = os.networkInterfaces(),
): boolean {
  const lan = ipaddr.IPv4.parseCIDR(cidr);
  return Object.values(interfaces)
    .flatMap((infos) => infos ?? [])
    .some((info) => info.family === "IPv4" && ipaddr.IPv4.parse(info.address).match(lan));
}
