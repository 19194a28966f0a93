import assert from "node:assert/strict";
import { Resolver } from "node:dns/promises";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { renderCorefile, renderZone } from "../../components/platform/names/render-zone";
import { run } from "../rig/command";
import { waitFor } from "../rig/wait";
import type { Change } from "../support/homelab";
import { judgePlatform } from "../unit/platform/platform-checks";
import { LOAD_BALANCER, platformSite } from "../unit/platform/sites";
import { CHECKS } from "../unit/validation/run-checks";
import { write } from "./credentials";
import { Daemon } from "./daemon";
import { requireLan } from "./lan";
import { toolPath } from "./tools";
import { requireTools } from "./use-cluster";

const SERVER = "192.168.8.231";
const INGRESS = "192.168.8.230";
const HOME: Change = [["lan", "domain"], "home.arpa"];
const NAMES = { address: SERVER, records: { printer: "192.168.8.20" } };
const PLATFORM = { loadBalancer: LOAD_BALANCER, names: NAMES };
const SITES = {
  plain: platformSite(PLATFORM, HOME),
  behindIngress: platformSite({ ...PLATFORM, ingress: { address: INGRESS } }, HOME),
};

const namesOf = (site: keyof typeof SITES) =>
  SITES[site].platform?.offers.names ?? assert.fail("no names");

/** As the check of the platform asks: each name of the settings, of the server that they name. */
const ASK = `
import json, sys
sys.path.insert(0, sys.argv[1])
import dns
from collect import attempt
print(json.dumps({name: attempt(dns.resolve, name, sys.argv[2]) for name in json.load(sys.stdin)}))
`;

describe("the real server of names", () => {
  let folder: string;
  let daemon: Daemon | undefined;
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([SERVER]);

  before(async function () {
    requireTools(this, ["coredns"]);
    await requireLan(this, `${SERVER}/32`);
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "vmstation-names-"));
  });
  afterEach(async () => {
    await daemon?.stop();
    daemon = undefined;
    rmSync(folder, { recursive: true });
  });

  /** With the plan's own configuration, at the port of its Service. */
  const serve = async (site: keyof typeof SITES): Promise<void> => {
    const { domain, records } = namesOf(site);
    const file = write(folder, "zone", renderZone(domain, records));
    const text = renderCorefile(domain)
      .replace("/etc/coredns/zone", file)
      .replace(/:5353\b/, ":53");
    const args = ["-conf", write(folder, "Corefile", text)];
    daemon = new Daemon({ folder, program: toolPath("coredns"), args });
    await waitFor("CoreDNS", async () => {
      daemon?.assertRunning();
      return (await resolver.resolveSoa("home.arpa")).nsname === "ns.home.arpa";
    });
  };
  const codeOf = (asked: Promise<unknown>): Promise<string> =>
    asked.then(
      (found) => `found ${JSON.stringify(found)}`,
      (error: unknown) => String(Reflect.get(Object(error), "code")),
    );
  const check = async (site: keyof typeof SITES): Promise<string[]> => {
    const names = namesOf(site).records.map(({ name }) => (name === "*" ? "any-other" : name));
    const input = JSON.stringify(names.map((name) => `${name}.home.arpa`));
    const { stdout } = await run("python3", ["-B", "-c", ASK, CHECKS, SERVER], { input });
    const seen = { names: { ok: z.unknown().parse(JSON.parse(stdout)) } };
    const lines = judgePlatform(SITES[site], [seen])[0] ?? [];
    return lines.filter((line) => line.startsWith("names"));
  };

  it("knows machines that sleep, apps, and records, and nothing else", async () => {
    await serve("plain");
    for (const { name, address } of SITES.plain.machines)
      assert.deepEqual(await resolver.resolve4(`${name}.home.arpa`), [address]);
    assert.deepEqual(await resolver.resolve4("PRINTER.Home.Arpa"), ["192.168.8.20"]);
    assert.deepEqual(await resolver.resolve4("jellyfin.home.arpa"), ["192.168.8.63"]);
    assert.equal(await codeOf(resolver.resolve4("nobody.home.arpa")), "ENOTFOUND");
    // A name that has another kind of address exists: at "no such name" some programs give up.
    assert.equal(await codeOf(resolver.resolve6("jellyfin.home.arpa")), "ENODATA");
    // It resolves nothing for others: a router that asks it for everything learns so at once.
    assert.equal(await codeOf(resolver.resolve4("example.org")), "EREFUSED");
    assert.deepEqual(await check("plain"), ["names: pass: 6 names"]);
  });

  it("leads every other name to the ingress where there is one, and machines to themselves", async () => {
    await serve("behindIngress");
    assert.deepEqual(await resolver.resolve4("films.home.arpa"), [INGRESS]);
    assert.deepEqual(await resolver.resolve4("spruce.home.arpa"), ["192.168.8.61"]);
    assert.equal(await codeOf(resolver.resolve6("films.home.arpa")), "ENODATA");
    assert.deepEqual(await check("behindIngress"), ["names: pass: 6 names"]);
  });

  it("is found out by validate where it has yesterday's zone", async () => {
    await serve("plain");
    const [line = ""] = await check("behindIngress");
    assert.match(line, /^names: fail: .*any-other\.home\.arpa: no such name/);
  });
});
