import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { ProxmoxApi } from "../../../scripts/kit/proxmox/api";
import { scanCertificate } from "../../../scripts/kit/proxmox/scan-certificate";
import { connect, TOKEN_VARIABLE } from "../../../scripts/verbs/init/proxmox/connect";
import {
  isUnsettled,
  listOpen,
  pinCertificates,
  scanHosts,
} from "../../../scripts/verbs/trust/certificates";
import { renderHost } from "../../../scripts/verbs/trust/render";
import { StackFile } from "../../../scripts/verbs/trust/stack-file";
import { makeAuthority, makeHost, type Pair } from "../../support/certificates";

const HOST = "127.0.0.1";
const TOKEN = "vmstation@pve!pulumi=secret-of-the-token";

/** A host's API, which keeps what it was sent. */
class Host {
  readonly heard: (string | undefined)[] = [];
  private readonly server: Server;

  constructor(pair: Pair) {
    this.server = createServer({ cert: pair.certificate, key: pair.key }, (asked, answer) => {
      this.heard.push(asked.headers.authorization);
      answer.end(JSON.stringify({ data: "9.0" }));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, HOST, resolve));
    const address = this.server.address();
    return `https://${HOST}:${typeof address === "object" ? (address?.port ?? 0) : 0}`;
  }

  /** As Proxmox does after its certificate was renewed. */
  show(pair: Pair): void {
    this.server.setSecureContext({ cert: pair.certificate, key: pair.key });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe("a host of Proxmox that is known by its own certificate", () => {
  let folder: string;
  let signed: Pair;
  let selfSigned: Pair;
  let renewed: Pair;
  let authority: string;
  let host: Host;
  let endpoint: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vmstation-pinned-"));
    authority = makeAuthority(folder).certificate;
    signed = makeHost(folder, [`IP:${HOST}`]);
    selfSigned = makeHost(folder, [`IP:${HOST}`], { name: "own", isSigned: false });
    renewed = makeHost(folder, [`IP:${HOST}`], { name: "renewed" });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    host = new Host(signed);
    endpoint = await host.start();
  });
  afterEach(() => host.stop());

  const ask = (certificates: string | undefined): Promise<unknown> =>
    new ProxmoxApi({ endpoint, certificates, token: TOKEN }).get("/version");

  it("is asked where it shows it, signed by another or by itself", async () => {
    assert.equal(await ask(signed.certificate), "9.0");
    assert.equal(await ask(`${selfSigned.certificate}\n${signed.certificate}`), "9.0");
    host.show(selfSigned);
    assert.equal(await ask(selfSigned.certificate), "9.0");
    assert.deepEqual(new Set(host.heard), new Set([`PVEAPIToken=${TOKEN}`]));
  });

  for (const [what, shows, words] of [
    ["another one of the same authority", () => renewed, /renewed, .* trust --hypervisor$/],
    ["one of its own making", () => selfSigned, /renewed, .* trust --hypervisor$/],
    [
      "one that is for another address",
      () => makeHost(folder, ["IP:127.0.0.2"], { name: "other" }),
      /renewed/,
    ],
  ] as const)
    it(`is sent no token where it shows ${what}`, async () => {
      host.show(shows());
      await assert.rejects(ask(signed.certificate), words);
      assert.deepEqual(host.heard, []);
    });

  it("is sent no token where the certificate that is pinned is for another address", async () => {
    const other = makeHost(folder, ["IP:127.0.0.2"], { name: "other" });
    host.show(other);
    await assert.rejects(ask(other.certificate), /IP: 127\.0\.0\.1 is not in/);
    assert.deepEqual(host.heard, []);
  });

  it("is not trusted to sign for others", async () => {
    const liar = makeHost(folder, [`IP:${HOST}`], { name: "own", isSigned: false });
    writeFileSync(join(folder, "ca.pem"), liar.certificate);
    writeFileSync(join(folder, "ca.key"), liar.key);
    host.show(makeHost(folder, [`IP:${HOST}`], { name: "by-host" }));
    await assert.rejects(ask(liar.certificate));
    assert.deepEqual(host.heard, []);
    makeAuthority(folder);
  });

  it("shows it to somebody who sends nothing", async () => {
    const shown = await scanCertificate(endpoint, undefined);
    assert.equal(shown?.certificate.toString().trim(), signed.certificate);
    assert.equal(shown.isTrusted, false);
    assert.equal((await scanCertificate(endpoint, signed.certificate))?.isTrusted, true);
    assert.equal((await scanCertificate(endpoint, authority))?.isTrusted, true);
    assert.equal(await scanCertificate("https://127.0.0.1:1", undefined), undefined);
    assert.deepEqual(host.heard, []);
  });

  describe("in the stack's file", () => {
    const write = (hosts: string, more = ""): StackFile => {
      const path = join(folder, "Pulumi.mine.yaml");
      const lines = [
        "config:",
        "  vmstation:machines: { a: { address: 192.168.8.1 } }",
        "  vmstation:hypervisor:",
        `    endpoint: ${endpoint}`,
        ...(more === "" ? [] : [more]),
        "    hosts:",
        hosts,
        "    pool: mine # kept",
      ];
      writeFileSync(path, `${lines.join("\n")}\n`);
      return StackFile.read(path);
    };
    const read = (file: StackFile) => {
      const text = readFileSync(file.path, "utf8");
      const { config } = parse(text) as {
        config: {
          "vmstation:hypervisor": { hosts: { a: { certificate?: string } }; pool: string };
        };
      };
      assert.ok(text.includes("pool: mine # kept\n"), text);
      return config["vmstation:hypervisor"].hosts.a.certificate;
    };
    const pin = async (file: StackFile) => {
      const findings = await scanHosts(file, []);
      pinCertificates(file, listOpen(findings));
      return findings.map((each) => renderHost(each, file.hypervisor.endpoint)).join("");
    };

    for (const [what, hosts] of [
      ["lines of their own", `      a:\n        address: ${HOST}`],
      ["one line", `      a: { address: ${HOST} }`],
    ] as const)
      it(`is pinned in a host on ${what}, and pinned again when it was renewed`, async () => {
        const file = write(hosts);
        assert.match(await pin(file), /pinned none\n {2}shown {2}([0-9A-F]{2}:){31}[0-9A-F]{2}\n/);
        assert.equal(read(file), signed.certificate);
        const again = StackFile.read(file.path);
        assert.match(await pin(again), /the same\n$/);
        host.show(renewed);
        assert.match(await pin(StackFile.read(file.path)), /DIFFERENT: .* renewed/);
        assert.equal(read(file), renewed.certificate);
      });

    it("is not pinned where it is for neither address, which is said with what to do", async () => {
      host.show(makeHost(folder, ["DNS:pve-a.example.org"], { name: "other" }));
      const said = await pin(write(`      a: { address: ${HOST} }`));
      assert.match(said, /for {4}pve-a\.example\.org, until/);
      assert.match(
        said,
        /NOT PINNED: .* neither 127\.0\.0\.1 .* nor 127\.0\.0\.1 \(hypervisor\.endpoint\)/,
      );
      assert.match(said, /on a: pvecm updatecerts --force\./);
      assert.match(said, /no hypervisor\.hosts\.a\.certificate, as now\./);
      assert.equal(read(StackFile.read(join(folder, "Pulumi.mine.yaml"))), undefined);
    });

    it("is kept where it was renewed for another address, and which key to remove is said", async () => {
      const file = write(`      a: { address: ${HOST} }`);
      await pin(file);
      host.show(makeHost(folder, ["IP:127.0.0.2"], { name: "other" }));
      const again = StackFile.read(file.path);
      const [finding] = await scanHosts(again, []);
      assert.ok(finding !== undefined && isUnsettled(finding));
      assert.match(await pin(again), /no hypervisor\.hosts\.a\.certificate: remove the key\./);
      assert.equal(read(StackFile.read(file.path)), signed.certificate);
    });

    it("is replaced where a person has written it on lines of its own", async () => {
      const block = signed.certificate.split("\n").map((line) => `          ${line}`);
      const file = write(
        `      a:\n        certificate: |\n${block.join("\n")}\n        address: ${HOST}`,
      );
      host.show(renewed);
      await pin(file);
      assert.equal(read(file), renewed.certificate);
      assert.equal(StackFile.read(file.path).hosts(["a"])[0]?.address, HOST);
    });

    it("is not needed where the authority has signed it", async () => {
      const lines = authority.split("\n").map((line) => `      ${line}`);
      const file = write(
        `      a: { address: ${HOST} }`,
        `    certificateAuthority: |\n${lines.join("\n")}`,
      );
      assert.match(await pin(file), /signed by hypervisor\.certificateAuthority/);
      assert.equal(read(file), undefined);
      assert.throws(() => file.hosts(["b"]), /has no host b\. Did you mean a\?/);
    });

    it("is not needed where this computer trusts what has signed it, which a renewal leaves so", async () => {
      const file = write(`      a: { address: ${HOST} }`);
      const bundle = join(folder, "system.pem");
      writeFileSync(bundle, authority);
      const before = process.env.SSL_CERT_FILE;
      process.env.SSL_CERT_FILE = bundle;
      try {
        assert.match(await pin(file), /by one that this computer trusts: no need to pin it/);
        assert.equal(read(file), undefined);
      } finally {
        if (before === undefined) delete process.env.SSL_CERT_FILE;
        else process.env.SSL_CERT_FILE = before;
      }
    });
  });

  describe("for init", () => {
    const open = (more: object = {}) =>
      connect({
        ...{ endpoint, file: undefined, fingerprint: undefined, isTerminal: false },
        env: { [TOKEN_VARIABLE]: TOKEN },
        ...more,
      });

    it("is known by its fingerprint, which an error names, or by a file", async () => {
      let said = "";
      await assert.rejects(open(), (error: unknown) => {
        said = String(error);
        return said.includes("does not trust");
      });
      const [, fingerprint = ""] = /--proxmox-fingerprint (\S+)$/.exec(said) ?? [];
      assert.deepEqual(host.heard, []);
      for (const given of [fingerprint, fingerprint.replaceAll(":", "").toLowerCase()])
        assert.equal(await (await open({ fingerprint: given })).get("/version"), "9.0");
      const file = join(folder, "server.pem");
      writeFileSync(file, `${signed.certificate}\n`);
      assert.equal(await (await open({ file })).get("/version"), "9.0");
    });

    it("is sent nothing where the fingerprint is another one, or none", async () => {
      const fingerprint = "00".repeat(32);
      await assert.rejects(open({ fingerprint }), /is another one.* Nothing was sent there/);
      await assert.rejects(open({ fingerprint: "SHA1" }), /64 hexadecimal digits/);
      assert.deepEqual(host.heard, []);
    });
  });
});
