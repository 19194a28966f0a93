import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import * as dgram from "node:dgram";
import * as path from "node:path";

const CHECKS = path.join(__dirname, "../../../components/validation/files/checks");

describe("the checks' DNS client", () => {
  let server: dgram.Socket;
  let asking: ChildProcess | undefined;
  afterEach(() => {
    asking?.kill();
    server.close();
  });

  /** Asks a server on loopback, whose answer `reply` makes from the question. */
  async function ask(reply: (question: Buffer) => Buffer | undefined, first = ""): Promise<string> {
    server = dgram.createSocket("udp4");
    server.on("message", (question, from) => {
      const said = reply(question);
      if (said !== undefined) server.send(said, from.port, from.address);
    });
    await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
    const code = `import collect, dns; ${first}print(collect.attempt(dns.resolve, "kubernetes.default", "127.0.0.1", ${server.address().port}))`;
    const child = spawn("python3", ["-B", "-c", code], {
      env: { ...process.env, PYTHONPATH: CHECKS },
    });
    asking = child;
    return new Promise((resolve) => {
      let text = "";
      child.stdout.on("data", (data: Buffer) => (text += data.toString()));
      child.on("close", () => {
        resolve(text.trim());
      });
    });
  }

  const answer = (question: Buffer, flags: number, records: Buffer[]): Buffer => {
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(flags, 2);
    head.writeUInt16BE(records.length, 6);
    return Buffer.concat([head, question.subarray(12), ...records]);
  };
  // A pointer to the question's name, type, class, TTL, length, data.
  const record = (type: number, data: number[]): Buffer =>
    Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 30, 0, data.length, ...data]);

  it("reads the addresses, also behind an alias", async () => {
    const alias = record(5, [1, 0x78, 0]);
    const text = await ask((q) => answer(q, 0x8180, [alias, record(1, [10, 96, 0, 1])]));
    assert.equal(text, "{'ok': ['10.96.0.1']}");
  });

  it("asks again where an answer got lost, also where a socket's time-out is no TimeoutError (Python 3.9)", async () => {
    let asked = 0;
    const python39 = "dns.SECONDS, dns.TimeoutError = 0.05, type('Other', (OSError,), {}); ";
    const reply = (q: Buffer): Buffer | undefined =>
      ++asked === 1 ? undefined : answer(q, 0x8180, [record(1, [10, 96, 0, 1])]);
    assert.equal(await ask(reply, python39), "{'ok': ['10.96.0.1']}");
    assert.equal(asked, 2);
  });

  it("asks for exactly the name, by RFC 1035", async () => {
    let asked = "";
    await ask((q) => {
      asked = q.subarray(12).toString("latin1");
      return answer(q, 0x8180, []);
    });
    assert.equal(asked, "\nkubernetes\x07default\0\0\x01\0\x01");
  });

  const refusals: [string, (q: Buffer) => Buffer, string][] = [
    ["no such name", (q) => answer(q, 0x8183, []), "no such name"],
    ["a failing server", (q) => answer(q, 0x8182, []), "the server failed"],
    ["no address", (q) => answer(q, 0x8180, []), "no address"],
    [
      "half an answer",
      (q) => answer(q, 0x8180, [record(1, [1, 2, 3, 4])]).subarray(0, 45),
      "unpack",
    ],
  ];
  for (const [what, reply, message] of refusals) {
    it(`tells of ${what}`, async () => {
      const text = await ask(reply);
      assert.match(text, /^\{'error': /);
      assert.ok(text.includes(message), text);
    });
  }
});
