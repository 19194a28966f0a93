import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import manifest from "../../../package.json";
import { vmstationWith } from "../../support/command-line";

/** Stands for the CLI: notes what it was asked, and has a state to show. */
const CLI = `#!/usr/bin/env node
const fs = require("fs");
fs.appendFileSync(process.env.CALLS, process.argv.slice(2, 4).join(" ") + "\\n");
if (process.argv[3] === "export") process.stdout.write(process.env.EXPORT ?? "{}");
`;

function command(name: string): { urn: string; type: string } {
  const urn = `urn:pulumi:homelab::home::vmstation:node:Node$command:remote:Command::${name}`;
  return { urn, type: "command:remote:Command" };
}

const FORMER = ["identity", "packages", "firewall", "sshd"].map((step) =>
  command(`node-my-box-${step}`),
);

describe("vmstation pulumi, by what the state is of", function () {
  this.timeout(60_000);
  let root = "";
  let project = "";

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "vmstation-test-"));
    project = join(root, "project");
    mkdirSync(join(project, ".vmstation/state/.pulumi/stacks/home"), { recursive: true });
    mkdirSync(join(root, "bin"));
    writeFileSync(join(root, "bin/pulumi"), CLI, { mode: 0o755 });
    writeFileSync(join(project, "Pulumi.yaml"), "name: home\nruntime: nodejs\n");
    writeFileSync(join(project, "Pulumi.homelab.yaml"), "config:\n  home:a: 1\n");
    writeFileSync(join(project, ".vmstation/passphrase"), "x");
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  async function pulumi(verb: string, more: Record<string, string> = {}) {
    const { HOME = "", TMPDIR = "/tmp" } = process.env;
    const PATH = [join(root, "bin"), resolve(process.execPath, "..")].join(":");
    const env = {
      ...{ HOME, TMPDIR, PATH, VMSTATION_OFFLINE: "1" },
      ...{ PULUMI_HOME: join(root, "home"), CALLS: join(root, "calls"), ...more },
    };
    const { status, stderr } = await vmstationWith(env, "-C", project, "pulumi", verb);
    return { status, stderr };
  }

  function writeState(resources: readonly object[], end = ".json"): void {
    const text = JSON.stringify({ version: 3, checkpoint: { latest: { resources } } });
    const file = join(project, `.vmstation/state/.pulumi/stacks/home/homelab${end}`);
    writeFileSync(file, end.endsWith("gz") ? gzipSync(text) : text);
  }

  for (const end of [".json", ".json.gz"]) {
    it(`refuses preview and up of an earlier form before the CLI is started (${end})`, async () => {
      writeState(FORMER, end);
      for (const verb of ["preview", "up"]) {
        assert.deepEqual(await pulumi(verb), {
          status: 2,
          stderr: [
            "An earlier version of VMStation wrote the state of homelab. Some resources have other names today:",
            "  node-my-box-identity is now node-my-box-system",
            "  node-my-box-packages is now node-my-box-system",
            "  node-my-box-firewall is now node-my-box-access",
            "  and 1 more",
            "Nothing was changed. Convert the state first. This changes no machine and keeps a copy of the state:",
            `  npx vmstation -C ${project} migrate --stack homelab\n`,
          ].join("\n"),
        });
      }
      assert.equal(existsSync(join(root, "calls")), false);
      assert.equal((await pulumi("destroy")).status, 0);
    });
  }

  it("refuses a destroy only if the state has today's resources beside those of an earlier form", async () => {
    writeState([...FORMER, command("node-my-box-access")]);
    const { status, stderr } = await pulumi("destroy");
    assert.equal(status, 2);
    assert.match(stderr, /^ {2}node-my-box-firewall is now node-my-box-access$/m);
    assert.doesNotMatch(stderr, /node-my-box-identity/);
    assert.match(stderr, /vmstation -C .* migrate --stack homelab/);
  });

  it("refuses it in another backend too", async () => {
    const own = { PULUMI_BACKEND_URL: `file://${root}/state`, PULUMI_CONFIG_PASSPHRASE: "x" };
    const EXPORT = JSON.stringify({ version: 3, deployment: { resources: FORMER } });
    const { status, stderr } = await pulumi("up", { ...own, EXPORT });
    assert.equal(status, 2);
    assert.match(stderr, /npx vmstation -C .* migrate --stack homelab/);
    assert.equal(readFileSync(join(root, "calls"), "utf8"), "stack --show-name\nstack export\n");
  });

  it("refuses preview and up, and no destroy, of a state with the key of Secrets as its ID", async () => {
    const parents = "urn:pulumi:homelab::home::vmstation:bootstrap:Kubeadm$random:index/";
    const former = {
      ...{ urn: `${parents}randomBytes:RandomBytes::bootstrap-encryption`, id: "the-key" },
      type: "random:index/randomBytes:RandomBytes",
    };
    const today = {
      ...{ urn: `${parents}randomPassword:RandomPassword::bootstrap-encryption-key`, id: "none" },
      type: "random:index/randomPassword:RandomPassword",
    };
    for (const state of [[former], [former, today]]) {
      writeState(state);
      for (const verb of ["preview", "up"]) {
        const { status, stderr } = await pulumi(verb);
        assert.equal(status, 2);
        assert.match(stderr, /^ {2}bootstrap-encryption is now bootstrap-encryption-key$/m);
        assert.match(stderr, /vmstation -C .* migrate --stack homelab/);
        assert.doesNotMatch(stderr, /the-key/);
      }
      assert.equal((await pulumi("destroy")).status, 0);
    }
    writeState([today]);
    assert.equal((await pulumi("up")).status, 0);
  });

  describe("a virtual machine", () => {
    const type = "proxmoxve:index/vmLegacy:VmLegacy";
    const urn = `urn:pulumi:homelab::home::vmstation:hypervisor:Hypervisor$${type}::hypervisor-vm-ni`;
    const machine = { urn, type, inputs: { name: "ni", vmId: 152, nodeName: "pve-b" } };
    const configure = (id: number): void => {
      const config = `config:\n  home:machines: { ni: { vm: { id: ${id} } } }\n`;
      writeFileSync(join(project, "Pulumi.homelab.yaml"), config);
    };
    const calls = (): string => readFileSync(join(root, "calls"), "utf8");

    it("is not replaced or deleted: preview and up are refused before the CLI is started", async () => {
      writeState([machine]);
      configure(252);
      for (const verb of ["preview", "up"]) {
        const { status, stderr } = await pulumi(verb);
        assert.equal(status, 2);
        assert.match(stderr, /machines\.ni\.vm\.id is 252.*Write 152 again.*\nNothing was changed/);
      }
      assert.equal(existsSync(join(root, "calls")), false);
      assert.equal((await pulumi("destroy")).status, 0);
    });

    it("is read again by an up, and by nothing else, whose last change has failed", async () => {
      configure(152);
      writeState([{ ...machine, initErrors: ["VM is locked (backup)"] }]);
      await pulumi("preview");
      assert.doesNotMatch(calls(), /refresh/);
      await pulumi("up");
      assert.match(calls(), /^refresh --yes\n(.*\n)*up /m);
    });

    it("is not read again where its last change went well", async () => {
      configure(152);
      writeState([machine]);
      await pulumi("up");
      assert.doesNotMatch(calls(), /refresh/);
    });
  });

  it("refuses what a later version has applied, and takes what this one or an earlier one has", async () => {
    const { version: own } = manifest;
    const [major = ""] = own.split(".");
    for (const [version, expected] of [
      [`${Number(major) + 1}.0.0`, 2],
      [own, 0],
      ["0.0.9", 0],
    ] as const) {
      const type = "pulumi:pulumi:Stack";
      const urn = `urn:pulumi:homelab::home::${type}::home-homelab`;
      writeState([{ urn, type, outputs: { version } }]);
      const { status, stderr } = await pulumi("up");
      assert.equal(status, expected, stderr);
      const said = /VMStation \d+\.0\.0 was the last to apply .*Nothing was changed\./s;
      if (expected === 2) assert.match(stderr, said);
    }
  });

  it("has nothing against today's names", async () => {
    writeState([command("node-my-box-system")]);
    assert.equal((await pulumi("up")).status, 0);
  });
});
