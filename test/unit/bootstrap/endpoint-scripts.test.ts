import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as https from "node:https";
import * as path from "node:path";
import { renderKeepalived } from "../../../components/bootstrap/endpoint/render-keepalived";
import { readScript, type Step } from "../../../components/remote/step";
import { Sandbox } from "../../support/sandbox";

const FOLDER = path.join(__dirname, "../../../components/bootstrap/endpoint");
const script = (name: string): string => readScript(FOLDER, `files/${name}`);
const openssl = (...args: readonly string[]): string =>
  execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

/** A CA, and an API server's certificate with these names, as kubeadm leaves them. */
function makePki(box: Sandbox, names: string): void {
  fs.mkdirSync(box.at("pki"));
  const at = (file: string): string => box.at(`pki/${file}`);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    ...["req", "-x509", ...key, "-keyout", at("ca.key"), "-out", at("ca.crt")],
    ...["-days", "9", "-subj", "/CN=kubernetes"],
  );
  openssl(
    ...["req", ...key, "-keyout", at("apiserver.key"), "-out", at("request")],
    ...["-subj", "/CN=kube-apiserver"],
  );
  box.write("pki/extensions", `subjectAltName = ${names}\n`);
  openssl(
    ...["x509", "-req", "-in", at("request"), "-CA", at("ca.crt"), "-CAkey", at("ca.key")],
    ...["-CAcreateserial", "-days", "9", "-extfile", at("extensions"), "-out", at("apiserver.crt")],
  );
  fs.chmodSync(at("apiserver.crt"), 0o640);
}

describe("the certificate of an API server that gets a virtual address", () => {
  let box: Sandbox;
  const NAMES = "DNS:kubernetes,DNS:kubernetes.default.svc,IP:10.96.0.1,IP:192.168.8.63";
  const run = (verb: string, address = "192.168.8.9") => {
    const step: Step = {
      name: "bootstrap-endpoint",
      script: `${script("certificate.sh")}\nstep() { ensure_certificate; }`,
      libraries: ["files"],
      // Nobody answers at port 1.
      settings: { ADDRESS: address, PKI: box.at("pki"), PORT: 1 },
    };
    return box.run(step, verb);
  };
  const names = (): string =>
    openssl("x509", "-in", box.at("pki/apiserver.crt"), "-noout", "-ext", "subjectAltName");
  const publicKey = (): string =>
    openssl("x509", "-in", box.at("pki/apiserver.crt"), "-noout", "-pubkey");

  before(() => {
    box = new Sandbox();
    makePki(box, NAMES);
  });
  after(() => {
    box.remove();
  });

  it("is drift as long as it has no such address, and then none", () => {
    const before = { names: names(), key: publicKey() };
    const looked = run("check");
    assert.match(looked.stdout, /^drift\tfile\t.*apiserver\.crt\tthe API server's certificate has/);
    assert.equal(names(), before.names);
    const applied = run("apply");
    assert.equal(applied.code, 0, applied.stderr);
    assert.match(
      names(),
      /DNS:kubernetes, DNS:kubernetes\.default\.svc, IP Address:10\.96\.0\.1, IP Address:192\.168\.8\.63, IP Address:192\.168\.8\.9$/m,
    );
    assert.equal(publicKey(), before.key);
    assert.equal(fs.statSync(box.at("pki/apiserver.crt")).mode & 0o777, 0o640);
    const verified = openssl(
      ...["verify", "-CAfile", box.at("pki/ca.crt"), "-purpose", "sslserver"],
      box.at("pki/apiserver.crt"),
    );
    assert.match(verified, /: OK$/m);
    assert.equal(run("check").code, 0);
  });

  it("stays the same file where it has the address", () => {
    const before = box.read("pki/apiserver.crt");
    assert.equal(run("apply").code, 0);
    assert.equal(box.read("pki/apiserver.crt"), before);
  });

  it("stays as it is where the CA's key is elsewhere, and says so", () => {
    fs.renameSync(box.at("pki/ca.key"), box.at("pki/away"));
    const before = box.read("pki/apiserver.crt");
    const ran = run("apply", "192.168.8.10");
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /needs the address 192\.168\.8\.10, and .*ca\.key is not here/);
    assert.equal(box.read("pki/apiserver.crt"), before);
  });
});

describe("a virtual address that the cluster on a machine uses", () => {
  let box: Sandbox;
  const run = (address: string, verb = "apply") => {
    const own = script("endpoint.sh").replaceAll("/etc/", `${box.at("etc")}/`);
    const step: Step = {
      name: "bootstrap-endpoint",
      script: `${own}\nensure_keepalived() { say "CHANGED"; }
refuse_foreign_holder() { :; }\nensure_certificate() { :; }\nwait_for_address() { :; }`,
      libraries: ["files", "units"],
      settings: { ADDRESS: address, NIC: "eth0", PORT: 6443, FIRST: true, PEERS: [], PKI: "" },
    };
    return box.run(step, verb);
  };
  const uses = (file: string, line: string): void => {
    fs.mkdirSync(box.at(path.dirname(file)), { recursive: true });
    box.write(file, `${line}\n`);
  };

  beforeEach(() => {
    box = new Sandbox();
    uses("etc/vmstation/endpoint/keepalived.conf", "    192.168.8.9/32 dev eth0");
  });
  afterEach(() => {
    box.remove();
  });

  for (const [file, line] of [
    ["etc/kubernetes/kubelet.conf", "    server: https://192.168.8.9:6443"],
    ["etc/rancher/rke2/config.yaml", "server: https://192.168.8.9:9345"],
    ["etc/rancher/k3s/config.yaml", 'server: "https://192.168.8.9:6443"'],
  ] as const) {
    it(`is neither changed nor taken away under ${file}`, () => {
      uses(file, line);
      const other = run("192.168.8.10");
      assert.equal(other.code, 1);
      assert.match(other.stderr, /would lose it\n.*in two updates/);
      assert.doesNotMatch(other.stderr, /CHANGED/);
      const removed = run("192.168.8.9", "remove");
      assert.equal(removed.code, 0);
      assert.match(removed.stderr, /programs on this machine use 192\.168\.8\.9, so it stays/);
      assert.doesNotMatch(removed.stderr, /CHANGED/);
    });
  }

  it("may change, and go, once the cluster uses another one", () => {
    uses("etc/kubernetes/kubelet.conf", "    server: https://192.168.8.90:6443");
    assert.match(run("192.168.8.10").stderr, /CHANGED/);
    assert.match(run("192.168.8.9", "remove").stderr, /CHANGED/);
  });
});

/** What an API server answers. "slow" is 200, in more than a second. */
type Answer = number | "slow" | "nothing";

/** API servers by their loopback addresses; what each answers can be changed. */
class Servers {
  readonly answers = new Map<string, Answer>();
  private readonly servers: https.Server[] = [];
  port = 0;

  async start(tls: { key: string; cert: string }, hosts: readonly string[]): Promise<void> {
    for (const host of hosts) {
      const server = https.createServer(tls, (_, response) => {
        const answer = this.answers.get(host) ?? 200;
        if (answer === "nothing") return;
        if (answer === "slow") setTimeout(() => response.end("ok"), 1200);
        else response.writeHead(answer).end("ok");
      });
      await new Promise<void>((resolve) => server.listen(this.port, host, resolve));
      const address = server.address();
      if (typeof address === "object" && address !== null) this.port = address.port;
      this.servers.push(server);
    }
  }

  stop(): void {
    for (const server of this.servers) {
      server.closeAllConnections();
      server.close();
    }
  }
}

describe("the check that says which control plane may hold the address", () => {
  let box: Sandbox;
  const servers = new Servers();
  const PEERS = ["127.0.0.2", "127.0.0.3"];
  // The loopback interface has the one and nobody has the other.
  const HELD = "127.0.0.1";
  const NOT_HELD = "192.0.2.1";

  const KEEPALIVED = {
    ...{ address: HELD, interface: "lo", machine: { name: "birch", address: HELD } },
    ...{ peers: [], check: ["check-api.sh"] },
  };

  const check = (address: string, first: "first" | "other"): Promise<string> => {
    const args = [address, String(servers.port), first, "/none", "/none", ...PEERS];
    const child = spawn("sh", [box.at("check-api.sh"), ...args], { stdio: "ignore" });
    return new Promise((resolve) => {
      child.on("close", (code) => {
        resolve(`${code} ${box.read("run/weight").trim()}`);
      });
    });
  };
  const answering = (local: Answer, others: Answer): void => {
    servers.answers.set("127.0.0.1", local);
    for (const peer of PEERS) servers.answers.set(peer, others);
  };

  before(async () => {
    box = new Sandbox();
    makePki(box, "IP:127.0.0.1");
    fs.mkdirSync(box.at("metrics"));
    box.write(
      "check-api.sh",
      script("check-api.sh")
        .replace("/run/vmstation-endpoint", box.at("run"))
        .replace("/var/lib/node_exporter/textfile_collector", box.at("metrics"))
        .replace("settled=10", "settled=2"),
    );
    const tls = { key: box.read("pki/apiserver.key"), cert: box.read("pki/apiserver.crt") };
    await servers.start(tls, ["127.0.0.1", ...PEERS]);
  });
  beforeEach(() => {
    fs.rmSync(box.at("run/answers"), { force: true });
    answering(200, 200);
  });
  after(() => {
    servers.stop();
    box.remove();
  });

  it("lets every machine hold it whose API server is ready, and no other one", async () => {
    for (const role of ["first", "other"] as const) {
      assert.equal(await check(NOT_HELD, role), "0 50");
    }
    for (const local of [500, 401, "nothing"] as const) {
      answering(local, 200);
      for (const role of ["first", "other"] as const) {
        assert.equal(await check(NOT_HELD, role), "1 50", `${local}, ${role}`);
      }
    }
  });

  it("lets the first machine take it, and its holder keep it, weakly, while no API server is ready anywhere", async () => {
    answering(500, 500);
    assert.equal(await check(NOT_HELD, "first"), "0 -50");
    assert.equal(await check(NOT_HELD, "other"), "1 50");
    for (const role of ["first", "other"] as const) {
      assert.equal(await check(HELD, role), "0 -50");
    }
    // A machine that is about to join cannot ask as a client: one that answers is one that works.
    answering(500, 401);
    for (const role of ["first", "other"] as const) {
      assert.equal(await check(HELD, role), "1 50");
    }
  });

  it("takes it from no machine whose API server is slow, as on one with too much to do", async () => {
    answering("slow", 200);
    assert.equal(await check(HELD, "other"), "0 50");
    answering(500, "slow");
    assert.equal(await check(HELD, "other"), "1 50");
  });

  it("gives way to a machine that took it meanwhile, once all others have seen that it holds it", async () => {
    assert.equal(await check(HELD, "other"), "0 50");
    servers.answers.set("127.0.0.3", "nothing");
    assert.equal(await check(HELD, "other"), "0 50");
    servers.answers.set("127.0.0.3", 500);
    assert.equal(await check(HELD, "other"), "0 50");
    assert.equal(await check(HELD, "other"), "0 0");
    // It stays so, also where one is away by then: a machine that takes over has more.
    servers.answers.set("127.0.0.3", "nothing");
    assert.equal(await check(HELD, "other"), "0 0");
    assert.equal(await check(NOT_HELD, "other"), "0 50");
    servers.answers.set("127.0.0.3", 200);
    assert.equal(await check(HELD, "other"), "0 50");
  });

  it("is not stopped by keepalived before it has asked all, one that hangs and then the others", () => {
    const patience = /^patience=(\d+)$/m.exec(script("check-api.sh"))?.[1];
    const limit = /^ {2}timeout (\d+)$/m.exec(renderKeepalived(KEEPALIVED))?.[1];
    assert.ok(Number(limit) > 2 * Number(patience), `${limit} and ${patience}`);
  });

  it("says to monitoring whether the machine holds it", async () => {
    const metric = (): string => box.read("metrics/vmstation_endpoint.prom");
    await check(HELD, "other");
    assert.equal(metric(), 'vmstation_endpoint_holds{address="127.0.0.1"} 1\n');
    await check(NOT_HELD, "other");
    assert.equal(metric(), 'vmstation_endpoint_holds{address="192.0.2.1"} 0\n');
  });
});
