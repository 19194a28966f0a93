import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { z } from "zod";

const FILES = path.join(__dirname, "../../../components/platform/storage/files");

/** Who listens where: an address, a port, and what is said there. 127.77.0.5 is nobody's. */
const SERVERS = [
  ["127.77.0.1", 3300, "ceph v2\n...."],
  ["127.77.0.2", 6789, "ceph v027...."],
  ["127.77.0.3", 3300, "SSH-2.0-OpenSSH_9.2"],
  ["127.77.0.4", 6789, ""],
] as const;
const [NEW, OLD, OTHER, MUTE, NOBODY] = [1, 2, 3, 4, 5].map((last) => `127.77.0.${last}`);

/** What main() says of some addresses at once, by one start of Python. */
const ASK = `
import contextlib, io, json, socket, sys, threading
sys.path.insert(0, sys.argv[1])
import ceph_monitors
def serve(server, said):
    while True:
        connection, _ = server.accept()
        connection.sendall(said.encode())
        connection.close()
servers, cases = json.loads(sys.stdin.read())
for address, port, said in servers:
    server = socket.create_server((address, port))
    threading.Thread(target=serve, args=(server, said), daemon=True).start()
got = []
for addresses in cases:
    with contextlib.redirect_stdout(io.StringIO()) as text:
        code = ceph_monitors.main(addresses)
    got.append([code, text.getvalue().splitlines()])
print(json.dumps(got))
`;

const answers = z.array(z.tuple([z.number(), z.array(z.string())]));

describe("the monitors of Ceph", () => {
  it("answer by either of their ways, and are said to be away where somebody else does or nobody", () => {
    const cases = [[NEW], [OLD], [OTHER], [MUTE], [NOBODY], [NEW, OLD, NOBODY], [NEW, NOBODY]];
    const input = JSON.stringify([SERVERS, cases]);
    const ran = spawnSync("python3", ["-B", "-c", ASK, FILES], { encoding: "utf8", input });
    assert.equal(ran.status, 0, ran.stderr);
    const away = (address?: string, first = "Connection refused", second = "Connection refused") =>
      `${address ?? ""} does not answer (port 3300: ${first}, port 6789: ${second})`;
    const other = "who answers is no monitor of Ceph";
    assert.deepEqual(answers.parse(JSON.parse(ran.stdout)), [
      [0, []],
      [0, []],
      [1, [away(OTHER, other)]],
      [1, [away(MUTE, undefined, other)]],
      [1, [away(NOBODY)]],
      [0, [away(NOBODY)]],
      [1, [away(NOBODY)]],
    ]);
  });
});
