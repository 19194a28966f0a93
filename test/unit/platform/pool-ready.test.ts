import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { z } from "zod";
import { platformChecks } from "../../../components/platform/facts";
import { LOAD_BALANCER, platformSite } from "./sites";

const FILES = path.join(__dirname, "../../../components/platform/load-balancer/files");
const CHECKS = path.join(__dirname, "../../../components/validation/files/checks");

/** What `vmstation validate` is told. */
const { platform } = platformSite({ loadBalancer: LOAD_BALANCER });
assert.ok(platform !== undefined);
const SETTINGS = JSON.stringify({ platform: platformChecks(platform) });

/** What Python's functions say, by one start of it. */
const ASK = `
import contextlib, io, json, sys, tempfile
files, checks, settings = sys.argv[1:]
sys.path[:0] = [files, checks]
import ask_lan as p
import collect
import platform_load_balancer as validate
import pool_ready
mac = bytes.fromhex("020000000861")
request = p.render_request(mac, "192.168.8.230")
sender = p.socket.inet_aton("192.168.8.230")
body = p.struct.pack(p.BODY, 1, 0x0800, 6, 4, p.REPLY, mac, sender, bytes(6), bytes(4))
reply = p.struct.pack(p.HEADER, mac, mac, p.ARP) + body + bytes(18)
asked = []
def answers(own, addresses):
    asked.append([own, *addresses])
    return {"192.168.8.232": {"b", "a"}, "192.168.8.231": {"c"}}
def run(words):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        p.main(words[words.index(p.__file__) + 1 :])
    return said.getvalue()
def note(before):
    pool_ready.ask_lan, pool_ready.wait_for_webhook = lambda own, addresses: {}, lambda pool: None
    pool_ready.known = lambda pool: [p.ends_of(text) for text in before]
    with tempfile.NamedTemporaryFile("w") as spec, contextlib.redirect_stderr(io.StringIO()) as said:
        json.dump({"from": "192.168.8.63", "ranges": [["192.168.8.230", "192.168.8.232"]], "pool": {}}, spec)
        spec.flush()
        assert pool_ready.main([spec.name]) == 0
    return said.getvalue()
p.ask_lan, validate.run = answers, run
early = json.loads(settings)
later = json.loads(settings)
later["platform"]["loadBalancer"]["askLan"] = p.__file__
got = {
    "early": validate.LOOKS["lananswers"](collect.Looker(early)),
    "validate": validate.LOOKS["lananswers"](collect.Looker(later)),
    "elsewhere": validate.LOOKS["lananswers"](collect.Looker({"platform": {}})),
    "asked": asked,
    "request": request.hex(),
    "answer": p.read_reply(reply),
    "others": [p.read_reply(request), p.read_reply(reply[:30])],
    "first": pool_ready.unasked([["192.168.8.230", "192.168.8.232"]], []),
    "later": pool_ready.unasked([["192.168.8.230", "192.168.8.233"]], [p.ends_of("192.168.8.228/30"), p.ends_of("192.168.8.232 - 192.168.8.232")]),
    "notes": [note([]), note(["192.168.8.224/28"])],
    "nic": p.interface_of("127.0.0.1")[0],
}
print(json.dumps(got))
`;

const answer = z.object({
  early: z.null(),
  validate: z.array(z.array(z.string())),
  elsewhere: z.array(z.never()),
  asked: z.array(z.array(z.string())),
  request: z.string(),
  answer: z.tuple([z.string(), z.string()]),
  others: z.array(z.null()),
  first: z.array(z.string()),
  later: z.array(z.string()),
  notes: z.tuple([z.string(), z.string()]),
  nic: z.literal("lo"),
});

describe("the pool of the load balancer", () => {
  let got: z.infer<typeof answer>;
  before(() => {
    const ran = spawnSync("python3", ["-B", "-c", ASK, FILES, CHECKS, SETTINGS], {
      encoding: "utf8",
    });
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

  it("is to be outside of the router's DHCP, which is said once, of new addresses", () => {
    const [first, later] = got.notes;
    assert.match(first, /^nobody has the 3 new addresses .* now\..* DHCP range\n$/);
    assert.equal(later, "");
  });

  it("is asked for by `vmstation validate` as a whole, from where `up` asks", () => {
    const all = ["192.168.8.230", "192.168.8.231", "192.168.8.232"];
    assert.deepEqual(got.asked, [["192.168.8.63", ...all]]);
    assert.deepEqual(got.validate, [
      ["192.168.8.231", "c"],
      ["192.168.8.232", "a"],
      ["192.168.8.232", "b"],
    ]);
    assert.deepEqual(got.elsewhere, []);
  });

  it("is asked for by nobody before `up` has brought what asks", () => {
    assert.equal(got.early, null);
  });
});
