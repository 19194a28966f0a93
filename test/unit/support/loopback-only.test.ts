import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { createServer, connect, type AddressInfo } from "node:net";
import { answersSsh } from "../../../components/remote/wake";

describe("a test without machines", () => {
  it("reaches nothing beyond loopback, at once", async () => {
    assert.equal(await answersSsh("192.0.2.1", 22, 10_000), false);
    const error = await new Promise<unknown>((resolve) =>
      connect(9, "192.0.2.1").on("error", resolve),
    );
    assert.match(String(error), /EHOSTUNREACH 192\.0\.2\.1: npm test reaches loopback only/);
    const socket = createSocket("udp4");
    const sent = await new Promise<unknown>((resolve) => {
      socket.send("x", 9, "192.0.2.1", resolve);
    });
    socket.close();
    assert.match(String(sent), /loopback only/);
  });

  it("reaches loopback", async () => {
    const server = createServer((socket) => socket.end("SSH-2.0-test\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    assert.equal(await answersSsh("127.0.0.1", port, 10_000), true);
    server.close();
  });
});
