import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { rootCertificates } from "node:tls";
import { INTERNET_NAMES, Internet } from "../../cluster/acme";
import { run } from "../../rig/command";
import { waitFor } from "../../rig/wait";
import { ask, type AskOptions, type WebAnswer } from "../../cluster/web";
import { itLong } from "../long";
import type { Real } from "../running-real";
import { upPasses, type Description } from "./lab";
import { ignoreLoad } from "./load";

const MINUTE = 60_000;
const SECOND = 1000;

/** The machine whose digest with this address is the lower one answers for it first, as MetalLB chooses: the worker. */
const INGRESS = "10.213.0.232";
/** Of the pool as well, and of no Service. */
const FREE = "10.213.0.233";
const [FIRST, SECOND_ONE] = ["spruce", "maple"];
const CONTROLLER = "10.213.0.1";
const NAME = "https://films.int.rowan.se/";

/** Where the internet's servers are: outside of the LAN, to which cert-manager's pod gets no way. */
const OUTSIDE = "198.51.100.1";
const DNS = `${OUTSIDE}:53`;
const TOKEN = "t0ken-of-cloudflare";
/** Seconds that a certificate is good for: longer than the suite. */
const VALID = 86_400;

/** The load balancer's own questions to a LAN. */
const ASK_LAN = path.join(__dirname, "../../../components/platform/load-balancer/files/ask_lan.py");

/** The app's machine sleeps, and its name leads through the ingress. */
const PLATFORM: Description = {
  more: {
    platform: {
      ...{ domain: "rowan.se", internalDomain: "int.rowan.se" },
      loadBalancer: { addresses: [`${INGRESS}-${FREE}`], machines: [SECOND_ONE, FIRST] },
      ingress: { address: INGRESS },
      certificates: { email: "robin@rowan.se", cloudflareTokenSecret: "dnsToken" },
    },
    apps: {
      jellyfin: {
        ...{ machine: "hazel", host: "films" },
        resources: {
          requests: { cpu: "100m", memory: "64Mi" },
          limits: { cpu: "200m", memory: "128Mi" },
        },
      },
    },
  },
};

/** The same, whose checks are not waited for as long. */
const HASTY: Description = { more: { ...PLATFORM.more, validation: { wait: "30s" } } };

/** The tests of the platform's parts as pods, for a suite whose cluster is up: a load balancer, an ingress behind it, and a certificate. */
export function platformTests(getReal: () => Real): void {
  let internet: Internet | undefined;

  before(async () => {
    const { lab } = getReal();
    await run("ip", ["address", "add", `${OUTSIDE}/32`, "dev", "lo"]);
    const folder = lab.pathOf("internet");
    mkdirSync(folder);
    const place = { address: OUTSIDE, dns: DNS };
    internet = new Internet(folder, { token: TOKEN, zone: "rowan.se" }, place);
    await internet.start([], VALID);
    lab.objects.outside = { ...place, names: INTERNET_NAMES, authority: internet.authority };
  });
  after(() => internet?.stop());

  /** Names of the machines that answer for an address; a MAC address of somebody else as it is. */
  async function whoHas(address: string): Promise<string[]> {
    const { stdout } = await run("python3", ["-B", ASK_LAN, CONTROLLER, `${address}/32`]);
    const { machines } = getReal().rig;
    return stdout
      .split("\n")
      .flatMap((line) => line.split(" ")[1] ?? [])
      .map((mac) => machines.find((machine) => machine.mac === mac)?.name ?? mac);
  }

  const isAt = (machine: string): Promise<unknown> =>
    waitFor(
      `${machine} to answer for ${INGRESS}`,
      async () => {
        const who = await whoHas(INGRESS);
        return who.length === 1 && who[0] === machine;
      },
      2 * MINUTE,
    );

  const browse = (url: string, options: AskOptions = {}): Promise<WebAnswer> =>
    ask(url, { at: INGRESS, patience: 5 * SECOND, ...options });

  /** What the app itself says, once it does. */
  const app = (): Promise<string> =>
    waitFor(
      "the app under its name",
      async () => {
        const answer = await browse(NAME).catch(() => undefined);
        return answer?.text.startsWith("jellyfin-0 ") === true && answer.text.trim();
      },
      5 * MINUTE,
    );

  it("have an address that nobody has", async () => {
    assert.deepEqual(await whoHas(INGRESS), []);
  });

  itLong("end an `up` whose token is refused, in Cloudflare's words, and are there", async () => {
    const { lab } = getReal();
    lab.describe(HASTY);
    const result = await lab.up({ secrets: { dnsToken: "another" } });
    assert.deepEqual([result.names("fail"), result.names("skip")], [["validation-run-maple"], []]);
    assert.match(lab.output, /certificates: .*9109: Invalid access token/);
    await app();
    const { code, stdout } = await lab.vmstation("validate", "platform");
    assert.equal(code, 1);
    assert.match(stdout, /certificates: .*9109: Invalid access token/);
  });

  it("come by one more `up`, whose validation passes", async () => {
    const { lab } = getReal();
    lab.describe(PLATFORM);
    await upPasses(lab, { secrets: { dnsToken: TOKEN } });
  });

  it("refuse a pool whose addresses are somebody's", async () => {
    const { lab } = getReal();
    const pool = ["get", "-n", "metallb-system", "ipaddresspools.metallb.io", "home"];
    const spec = await lab.kubectl(...pool, "-o", "jsonpath={.spec.addresses}");
    assert.equal(spec, `["${INGRESS}-${FREE}"]`);
    const wrong = {
      ...{ apiVersion: "metallb.io/v1beta1", kind: "IPAddressPool" },
      metadata: { name: "other", namespace: "metallb-system" },
      spec: { addresses: [`${INGRESS}/32`] },
    };
    await assert.rejects(lab.objects.apply(wrong), /overlaps with already defined CIDR/);
  });

  it("answer for the address on one machine alone", async () => {
    await isAt(FIRST);
  });

  it("are not well while somebody on the LAN has an address of the pool, says validate", async () => {
    const { lab, rig } = getReal();
    const hazel = rig.machine("hazel");
    await hazel.exec(`ip address add ${FREE}/32 dev ${hazel.nic}`);
    const { code, stdout } = await lab.vmstation("validate", "platform");
    await hazel.exec(`ip address del ${FREE}/32 dev ${hazel.nic}`);
    assert.equal(code, 1, stdout);
    assert.match(stdout, new RegExp(`free addresses: ${FREE} is in use: ${hazel.mac} answers`));
    await lab.passes("validate", "platform");
  });

  it("lead to an app by its name, and tell it who asks", async () => {
    assert.match(await app(), new RegExp(` for ${CONTROLLER}$`));
    const plain = await browse(`${NAME.replace("https", "http")}a`);
    assert.equal(plain.headers.location, `${NAME}a`);
    assert.equal((await browse("https://nobody.int.rowan.se/")).status, 404);
  });

  it("show a certificate of the authority for the name, which who does not trust that refuses", async () => {
    const ca = await internet?.root();
    const trusted = await browse(NAME, { ca: ca ?? assert.fail() });
    assert.equal(trusted.status, 200);
    assert.match(trusted.names, /DNS:\*\.int\.rowan\.se/);
    const stranger = browse(NAME, { ca: rootCertificates.join("\n") });
    await assert.rejects(stranger, /unable to (get|verify)/);
  });

  it("answer on another machine once the one that did sleeps, and clients come along", async () => {
    const { rig } = getReal();
    const begin = Date.now();
    await rig.machine(FIRST).freeze();
    await isAt(SECOND_ONE);
    const moved = (Date.now() - begin) / SECOND;
    assert.match(await app(), new RegExp(` for ${CONTROLLER}$`));
    const answered = (Date.now() - begin) / SECOND;
    console.log(
      `      ${SECOND_ONE} answers after ${moved.toFixed(0)} s, the app after ${answered.toFixed(0)} s`,
    );
    await rig.machine(FIRST).thaw();
    await isAt(FIRST);
    await app();
  });

  // A minute and a half of it is how long the ingress keeps a connection that nobody uses, which is a use of the app.
  itLong(
    "show the waking page of an app whose machine sleeps, wake it, and lead to it then",
    async () => {
      const { rig, lab } = getReal();
      await ignoreLoad(rig.machine("maple"));
      await lab.passes("hold", "hazel", "--release");
      await waitFor(
        "nobody to use the app",
        async () => (await lab.vmstation("sleep", "hazel")).code === 0,
        3 * MINUTE,
      );
      assert.equal(rig.machine("hazel").state, "asleep");
      const headers = { accept: "text/html", "user-agent": "Mozilla/5.0" };
      const page = await waitFor("the waking page", async () => {
        const { status, text } = await browse(NAME, { headers });
        return text.includes("<html") && { status, text };
      });
      assert.match(page.text, /Jellyfin/);
      assert.match(await app(), new RegExp(` for ${CONTROLLER}$`));
      assert.equal(rig.machine("hazel").state, "on");
    },
  );
}
