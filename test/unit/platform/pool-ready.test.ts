import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { z } from "zod";

const FILES = path.join(__dirname, "../../../components/platform/load-balancer/files");

/** What Python's functions say, by one start of it. */
const ASK = `
import json, sys
sys.path.insert(0, sys.argv[1])
import pool_ready as p
mac = bytes.fromhex("020000000861")
request = p.render_request(mac, "192.168.8.230")
sender = p.socket.inet_aton("192.168.8.230")
body = p.struct.pack(p.BODY, 1, 0x0800, 6, 4, p.REPLY, mac, sender, bytes(6), bytes(4))
reply = p.struct.pack(p.HEADER, mac, mac, p.ARP) + body + bytes(18)
got = {
    "request": request.hex(),
    "answer": p.read_reply(reply),
    "others": [p.read_reply(request), p.read_reply(reply[:30])],
    "first": p.unasked([["192.168.8.230", "192.168.8.232"]], []),
    "later": p.unasked([["192.168.8.230", "192.168.8.233"]], [p.ends_of("192.168.8.228/30"), p.ends_of("192.168.8.232 - 192.168.8.232")]),
    "nic": p.interface_of("127.0.0.1")[0],
}
print(json.dumps(got))
`;

const answer = z.object({
  request: z.string(),
  answer: z.tuple([z.string(), z.string()]),
  others: z.array(z.null()),
  first: z.array(z.string()),
  later: z.array(z.string()),
  nic: z.literal("lo"),
});

describe("the pool of the load balancer", () => {
  let got: z.infer<typeof answer>;
  before(() => {
    const ran = spawnSync("python3", ["-B", "-c", ASK, FILES], { encoding: "utf8" });
    assert.equal(ran.status, 0, ran.stderr);
    got = answer.parse(JSON.parse(ran.stdout));
  });

  it("is asked for by probes that name no sender, to everybody", () => {
    assert.equal(
      got.request,
      "ffffffffffff" +
        "020000000861" +
        "0806" +
        "0001080006040001" + // Ethernet, IPv4, a request
        "020000000861" +
        "00000000" +
        "000000000000" +
        "c0a808e6",
    );
  });

  it("is in use where somebody answers, and by nothing else that is heard", () => {
    assert.deepEqual(got.answer, ["192.168.8.230", "02:00:00:00:08:61"]);
    assert.deepEqual(got.others, [null, null]);
  });

  it("is asked for once: where the cluster has an address already, it answers itself", () => {
    assert.deepEqual(got.first, ["192.168.8.230", "192.168.8.231", "192.168.8.232"]);
    assert.deepEqual(got.later, ["192.168.8.233"]);
  });
});
