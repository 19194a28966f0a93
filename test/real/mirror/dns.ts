const HEADER = 12;
const TYPE_A = 1;
const NO_SUCH_NAME = 3;

/** The answer to a question of a name server's client (RFC 1035): the name's address, none, or no such name. */
export function answerDns(question: Buffer, names: Readonly<Record<string, string>>): Buffer {
  const { name, end } = readName(question);
  const address = names[name.toLowerCase()];
  const isA = question.readUInt16BE(end) === TYPE_A;
  const header = Buffer.alloc(HEADER);
  question.copy(header, 0, 0, 2);
  // An answer, and recursion is both wanted and done.
  header.writeUInt16BE(0x8180 | (address === undefined ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(address !== undefined && isA ? 1 : 0, 6);
  const asked = question.subarray(HEADER, end + 4);
  return Buffer.concat([
    header,
    asked,
    address !== undefined && isA ? answer(address) : header.subarray(0, 0),
  ]);
}

function answer(address: string): Buffer {
  const seconds = 60;
  const head = Buffer.from([0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0, seconds, 0, 4]);
  return Buffer.concat([head, Buffer.from(address.split(".").map(Number))]);
}

function readName(packet: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = packet.readUInt8(at); length > 0; length = packet.readUInt8(at)) {
    labels.push(packet.toString("ascii", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), end: at + 1 };
}
