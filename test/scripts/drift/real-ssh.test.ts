import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { look } from "../../../scripts/verbs/drift/look";
import type { MachineReport } from "../../../scripts/kit/look/report";
import { SshClient } from "../../../scripts/kit/ssh/client";
import type { Connection } from "../../../scripts/kit/ssh/connection";
import { chain, connectionTo, fileStep } from "./fake-machines";
import { SshServer } from "./ssh-server";

const CLIENT = `it's the "client" of %h \\ #1 ü ~`;

describe("looking at a machine with OpenSSH's client", function () {
  this.timeout(30_000);
  let root = "";
  let server: SshServer | undefined;

  before(function () {
    if (spawnSync("ssh", ["-V"]).status !== 0) this.skip();
  });
  beforeEach(() => {
    root = fs.mkdtempSync(join(tmpdir(), "vmstation-ssh-"));
    // ssh would split, expand and unquote such a path where it is not quoted.
    fs.mkdirSync(join(root, CLIENT));
    fs.mkdirSync(join(root, "alpha/run"), { recursive: true });
    fs.writeFileSync(join(root, "alpha/one"), "x\n");
  });
  afterEach(async () => {
    await server?.close();
    fs.rmSync(root, { recursive: true });
  });

  async function lookAt(
    options: { trusts?: boolean; connection?: Partial<Connection> } = {},
  ): Promise<MachineReport> {
    server = new SshServer(join(root, "alpha"), options.trusts);
    await server.listen();
    const { port, hostKey, clientKey: privateKey } = server;
    const targets = {
      ...chain("alpha", [fileStep("one", "x\n"), fileStep("two", "x\n")]),
      connection: connectionTo({
        host: "127.0.0.1",
        port,
        hostKey,
        privateKey,
        ...options.connection,
      }),
    };
    return look({ targets, client: new SshClient(join(root, CLIENT), [targets]) });
  }

  it("finds what has drifted, by the pinned key and the configured one", async () => {
    const report = await lookAt();
    assert.equal(report.error, null);
    assert.deepEqual(
      report.resources.map(({ name, status }) => [name, status]),
      [
        ["alpha-one", "as-described"],
        ["alpha-two", "drifted"],
      ],
    );
  });

  it("talks to no machine that shows another key than the pinned one", async () => {
    const report = await lookAt({ connection: { hostKey: connectionTo().hostKey } });
    assert.equal(report.status, "could-not-look");
    assert.match(
      report.error ?? "",
      /^its host key is not the pinned one[^]*vmstation trust alpha$/,
    );
  });

  it("says so where the machine does not let it in", async () => {
    const report = await lookAt({ trusts: false });
    assert.equal(report.status, "could-not-look");
    assert.match(report.error ?? "", /^it refuses the login:\n.*Permission denied/);
  });

  it("takes a closed port for a machine that is up, even if it may sleep", async () => {
    const targets = {
      ...chain("alpha", [fileStep("one", "x\n")], { sleeps: true }),
      connection: connectionTo({ host: "127.0.0.1", port: 1 }),
    };
    const report = await look({
      targets,
      client: new SshClient(join(root, CLIENT), [targets]),
    });
    assert.equal(report.status, "unreachable");
    assert.match(report.error ?? "", /^no SSH server:\n.*Connection refused/);
  });
});
