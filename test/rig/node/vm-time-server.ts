import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** Seconds from NTP's epoch, 1900, to Unix's. */
const EPOCH = 2_208_988_800;

const PACKET = 48;
/** Offsets in an NTP packet (RFC 5905, figure 8). */
const REFERENCE_ID = 12;
const REFERENCE_TIME = 16;
const ORIGIN_TIME = 24;
const RECEIVE_TIME = 32;
const TRANSMIT_TIME = 40;

const VERSION_4_SERVER = 0o44;

/** The controller's clock by NTP, as a server with a reference clock of its own: stratum 1. It may be ahead of it. */
export class TimeServer {
  private constructor(private readonly socket: Socket) {}

  /** `ahead`: milliseconds. */
  static async start(address: string, ahead = 0): Promise<TimeServer> {
    const socket = createSocket("udp4");
    socket.on("message", (request, { address: client, port }) => {
      if (request.length >= PACKET) socket.send(answer(request, ahead), port, client);
    });
    socket.bind(123, address);
    await once(socket, "listening");
    return new TimeServer(socket);
  }

  stop(): void {
    this.socket.close();
  }
}

function answer(request: Buffer, ahead: number): Buffer {
  const response = Buffer.alloc(PACKET);
  response[0] = VERSION_4_SERVER;
  response[1] = 1;
  response[2] = request[2] ?? 0;
  response.writeInt8(-10, 3);
  response.write("RIG", REFERENCE_ID, "latin1");
  request.copy(response, ORIGIN_TIME, TRANSMIT_TIME, PACKET);
  for (const offset of [REFERENCE_TIME, RECEIVE_TIME, TRANSMIT_TIME])
    writeTime(response, offset, Date.now() + ahead);
  return response;
}

/** Seconds since 1900 and a binary fraction, 32 bits each. */
function writeTime(packet: Buffer, offset: number, milliseconds: number): void {
  packet.writeUInt32BE(Math.floor(milliseconds / 1000) + EPOCH, offset);
  packet.writeUInt32BE(Math.floor(((milliseconds % 1000) / 1000) * 2 ** 32), offset + 4);
}
