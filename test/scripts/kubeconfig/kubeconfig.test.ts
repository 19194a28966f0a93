import assert from "node:assert/strict";
import * as fs from "node:fs";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import {
  mergeKubeconfig,
  parseKubeconfig,
  renameContext,
  renderKubeconfig,
} from "../../../scripts/verbs/kubeconfig/kubeconfig";
import { OperationsLab } from "../operations/lab";

const KEY = "c2VjcmV0LWtleS1kYXRh";

/** As kubeadm and Kubespray write it on the control plane. */
const ADMIN = stringify({
  apiVersion: "v1",
  kind: "Config",
  clusters: [
    {
      name: "cluster.local",
      cluster: { server: "https://127.0.0.1:6443", "certificate-authority-data": "Y2E=" },
    },
  ],
  users: [{ name: "kubernetes-admin", user: { "client-key-data": KEY } }],
  contexts: [
    {
      name: "admin@cluster.local",
      context: { cluster: "cluster.local", user: "kubernetes-admin" },
    },
  ],
  "current-context": "admin@cluster.local",
  preferences: {},
});

const SERVER = "https://192.168.8.63:6443";

const MINE = {
  apiVersion: "v1",
  kind: "Config",
  preferences: { colors: true },
  clusters: [{ name: "work", cluster: { server: "https://work.example" } }],
  users: [{ name: "me", user: { token: "mine", username: "yes" } }],
  contexts: [{ name: "work", context: { cluster: "work", user: "me", namespace: "n" } }],
  "current-context": "work",
};

describe("vmstation kubeconfig", () => {
  const before = { KUBECONFIG: process.env.KUBECONFIG, OFFLINE: process.env.VMSTATION_OFFLINE };
  let lab: OperationsLab;
  beforeEach(() => {
    lab = new OperationsLab();
    delete process.env.KUBECONFIG;
    lab.write("admin.conf", ADMIN);
    lab.answer("maple", `cat '${lab.at("admin.conf")}'`);
  });
  afterEach(() => {
    lab.remove();
    if (before.KUBECONFIG !== undefined) process.env.KUBECONFIG = before.KUBECONFIG;
  });

  const mode = (file: string): number => fs.statSync(file).mode & 0o777;
  const readFile = (file: string): unknown => parse(fs.readFileSync(file, "utf8"));

  it("writes a file that only its owner reads, whatever the umask, in a folder of that kind", async () => {
    const umask = process.umask(0);
    try {
      const { code, stdout, stderr } = await lab.run("kubeconfig");
      assert.deepEqual([code, stderr], [0, ""]);
      const file = lab.at("home/.kube/config");
      assert.equal(stdout, `${file}: written, context homelab for ${SERVER}\n`);
      assert.deepEqual([mode(file), mode(lab.at("home/.kube"))], [0o600, 0o700]);
      assert.deepEqual(readFile(file), {
        apiVersion: "v1",
        kind: "Config",
        clusters: [
          { name: "homelab", cluster: { server: SERVER, "certificate-authority-data": "Y2E=" } },
        ],
        users: [{ name: "homelab-admin", user: { "client-key-data": KEY } }],
        contexts: [{ name: "homelab", context: { cluster: "homelab", user: "homelab-admin" } }],
        "current-context": "homelab",
      });
    } finally {
      process.umask(umask);
    }
  });

  it("keeps every other context and the current one, closes an open file, and leaves nothing else behind", async () => {
    const file = lab.write("home/.kube/config", stringify(MINE), 0o644);
    const { stdout } = await lab.run("kubeconfig");
    assert.match(stdout, /; work stays current \(kubectl config use-context homelab\)\n$/);
    const { clusters, users, contexts, ...rest } = parseKubeconfig(
      fs.readFileSync(file, "utf8"),
      file,
    );
    assert.deepEqual(
      [clusters[0], users[0], contexts[0]],
      [MINE.clusters[0], MINE.users[0], MINE.contexts[0]],
    );
    assert.deepEqual(
      [clusters, users, contexts].map((list) => list.map(({ name }) => name)),
      [
        ["work", "homelab"],
        ["me", "homelab-admin"],
        ["work", "homelab"],
      ],
    );
    assert.equal(rest["current-context"], "work");
    assert.deepEqual(rest.preferences, { colors: true });
    assert.equal(mode(file), 0o600);
    assert.deepEqual(fs.readdirSync(lab.at("home/.kube")), ["config"]);
  });

  it("changes nothing the second time, and the current context where it is told to", async () => {
    lab.write("home/.kube/config", stringify(MINE));
    await lab.run("kubeconfig");
    assert.match((await lab.run("kubeconfig")).stdout, /: unchanged, /);
    const { stdout } = await lab.run("kubeconfig", "--use", "--json");
    const document: unknown = JSON.parse(stdout);
    assert.deepEqual(document, {
      ...{ version: 1, file: lab.at("home/.kube/config"), context: "homelab", server: SERVER },
      ...{ source: "maple", changed: true, dryRun: false, current: "homelab" },
    });
  });

  it("only says what it would write with --dry-run", async () => {
    const { stdout } = await lab.run("kubeconfig", "--dry-run");
    assert.match(stdout, /\/home\/\.kube\/config: would be written, context homelab/);
    assert.ok(!fs.existsSync(lab.at("home")));
  });

  it("follows a link, which stays one", async () => {
    const real = lab.write("real", stringify(MINE));
    fs.mkdirSync(lab.at("home/.kube"), { recursive: true });
    fs.symlinkSync(real, lab.at("home/.kube/config"));
    await lab.run("kubeconfig");
    assert.ok(fs.lstatSync(lab.at("home/.kube/config")).isSymbolicLink());
    assert.match(fs.readFileSync(real, "utf8"), /homelab-admin/);
  });

  it("takes the file that KUBECONFIG names, and asks where it names several", async () => {
    process.env.KUBECONFIG = lab.at("mine.yaml");
    await lab.run("kubeconfig");
    assert.equal(mode(lab.at("mine.yaml")), 0o600);
    process.env.KUBECONFIG = `${lab.at("a")}:${lab.at("b")}`;
    const { code, stderr } = await lab.run("kubeconfig");
    assert.deepEqual([code, stderr], [2, "KUBECONFIG contains 2 files. Choose one with --file.\n"]);
  });

  it("leaves a file alone that it does not understand, and quotes nothing of it", async () => {
    const file = lab.write("home/.kube/config", "users: {password: hunter2\n");
    const { code, stderr } = await lab.run("kubeconfig");
    assert.deepEqual([code, stderr], [2, `${file} is not a kubeconfig. Nothing was changed.\n`]);
    assert.equal(fs.readFileSync(file, "utf8"), "users: {password: hunter2\n");
  });

  it("leaves a file alone that kubectl is changing", async () => {
    const lock = lab.write("home/.kube/config.lock", "");
    const { code, stderr } = await lab.run("kubeconfig");
    assert.equal(code, 2);
    assert.ok(stderr.startsWith(`${lock} exists`), stderr);
    assert.deepEqual(fs.readdirSync(lab.at("home/.kube")), ["config.lock"]);
  });

  it("prints it where that is asked for, and touches no file", async () => {
    const { stdout } = await lab.run("kubeconfig", "--print");
    assert.equal(renderKubeconfig(parseKubeconfig(stdout, "x")), stdout);
    assert.match(stdout, /homelab-admin[^]*client-key-data/);
    assert.ok(!fs.existsSync(lab.at("home")));
  });

  it("says so where there is no cluster yet, or no answer", async () => {
    lab.answer("maple", "exit 127");
    assert.match((await lab.run("kubeconfig")).stderr, /^There is no cluster on maple yet\. Run: /);
    lab.silence("maple");
    const { code, stderr } = await lab.run("kubeconfig");
    assert.equal(code, 2);
    assert.match(stderr, /^maple: unreachable: no answer/);
  });

  it("takes the stack's output where a CLI and a state are here, and asks no machine", async () => {
    lab.write(
      "cli/pulumi",
      `#!/bin/sh\necho "$*" >>'${lab.at("cli.log")}'\ncat '${lab.at("admin.conf")}'\n`,
      0o755,
    );
    lab.write(".vmstation/state/.pulumi/stacks/vmstation/homelab.json", "{}");
    lab.write(".vmstation/passphrase", "x");
    process.env.PATH = `${lab.at("cli")}:${process.env.PATH ?? ""}`;
    const { stdout } = await lab.run("kubeconfig", "--json");
    assert.match(stdout, /"source": "the stack homelab"/);
    assert.deepEqual(lab.sessions(), []);
    assert.equal(
      lab.read("cli.log"),
      "stack output kubeconfig --show-secrets --stack homelab --non-interactive\n",
    );
  });
});

describe("merging kubeconfigs", () => {
  const name = fc.constantFrom("a", "b", "homelab", "homelab-admin", "yes", "0x1f", "on");
  const entries = fc.uniqueArray(fc.record({ name, value: fc.string() }), {
    selector: (entry) => entry.name,
  });
  const config = fc.record({
    clusters: entries,
    users: entries,
    contexts: entries,
    "current-context": fc.option(name, { nil: undefined }),
  });
  const added = renameContext(parseKubeconfig(ADMIN, "ADMIN"), "homelab", SERVER);

  it("loses nothing, names nothing twice, and is the same when it is done again", () => {
    fc.assert(
      fc.property(config, fc.boolean(), (mine, use) => {
        const merged = mergeKubeconfig(mine, added, use);
        for (const key of ["clusters", "users", "contexts"] as const) {
          const names = merged[key].map((entry) => entry.name);
          assert.equal(new Set(names).size, names.length);
          for (const entry of mine[key]) {
            if (added[key].some((other) => other.name === entry.name)) continue;
            assert.ok(merged[key].includes(entry));
          }
        }
        const text = renderKubeconfig(merged);
        const again = mergeKubeconfig(parseKubeconfig(text, "text"), added, use);
        assert.equal(renderKubeconfig(again), text);
      }),
    );
  });

  it("writes words that YAML 1.1 takes for something else in quotes", () => {
    const text = renderKubeconfig(parseKubeconfig(stringify(MINE), "MINE"));
    assert.match(text, /username: "yes"/);
    assert.ok(!text.includes("%YAML"));
  });
});
