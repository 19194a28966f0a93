import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import fc from "fast-check";
import { python } from "./python";

const SCRIPT = path.join(__dirname, "../../../components/bootstrap/kubespray/files/resolver.py");
const SERVICES = "10.96.0.0/12";

/** As Kubespray leaves it, with the cluster's own server first. */
const AFTER_RESET = `# Ansible entries BEGIN
domain cluster.local
search default.svc.cluster.local svc.cluster.local home.lan
nameserver 10.96.0.10
nameserver 192.168.8.1
nameserver 8.8.8.8
options ndots:2 timeout:2 attempts:2
# Ansible entries END
# my own line
`;

describe("resolv.conf after a reset", () => {
  let root = "";
  const file = (): string => path.join(root, "etc/resolv.conf");

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-resolver-"));
    fs.mkdirSync(path.join(root, "etc"));
  });
  afterEach(() => {
    fs.rmSync(root, { recursive: true });
  });

  function run(text: string, ...upstream: string[]): { after: string; said: string } {
    fs.writeFileSync(file(), text, { mode: 0o644 });
    const { status, stdout, stderr } = spawnSync("python3", ["-B", SCRIPT, SERVICES, ...upstream], {
      encoding: "utf8",
      env: { ...process.env, ROOT: root },
    });
    assert.deepEqual([status, stderr], [0, ""]);
    assert.deepEqual(fs.readdirSync(path.join(root, "etc")), ["resolv.conf"]);
    return { after: fs.readFileSync(file(), "utf8"), said: stdout };
  }

  it("no longer names the dead cluster's DNS, and keeps every server that was there before", () => {
    const { after, said } = run(AFTER_RESET, "1.1.1.1");
    assert.equal(
      after,
      "search home.lan\nnameserver 192.168.8.1\nnameserver 8.8.8.8\n# my own line\n",
    );
    assert.match(said, /no longer names the cluster's DNS/);
    assert.deepEqual(run(after, "1.1.1.1"), { after, said: "" });
    assert.equal(fs.statSync(file()).mode & 0o777, 0o644);
  });

  it("names the machine's upstream servers if only NodeLocal DNS is left", () => {
    const { after } = run(
      "nameserver 169.254.25.10\nnameserver 10.96.0.10\n",
      "8.8.8.8",
      "1.1.1.1",
    );
    assert.equal(after, "nameserver 8.8.8.8\nnameserver 1.1.1.1\n");
  });

  it("leaves a file that no cluster has touched as it is, and a link to its owner", () => {
    const own = "nameserver 192.168.8.1\nsearch svc.example.org\noptions edns0\n";
    assert.deepEqual(run(own, "8.8.8.8"), { after: own, said: "" });
    fs.renameSync(file(), path.join(root, "stub"));
    fs.symlinkSync("../stub", file());
    fs.writeFileSync(path.join(root, "stub"), AFTER_RESET);
    spawnSync("python3", ["-B", SCRIPT, SERVICES], { env: { ...process.env, ROOT: root } });
    assert.equal(fs.readFileSync(path.join(root, "stub"), "utf8"), AFTER_RESET);
  });

  it("has no server of the cluster, all others in their order, and is the same the second time", () => {
    const server = fc.oneof(
      fc.ipV4(),
      fc.constantFrom("10.96.0.10", "169.254.25.10", "fe80::1%lo"),
    );
    const cases = fc.sample(fc.array(server, { maxLength: 5 }), 60).map((servers) => ({
      servers,
      text: `# Ansible entries BEGIN\n${servers.map((s) => `nameserver ${s}\n`).join("")}# Ansible entries END\n`,
    }));
    const answer = python(
      `
import ipaddress, resolver
services = [ipaddress.ip_network("${SERVICES}")]
def both(text):
    once = resolver.without_cluster(text, services, ["192.0.2.1"])
    return [once, resolver.without_cluster(once, services, ["192.0.2.1"])]
answer = [both(each["text"]) for each in given]
`,
      cases,
    );
    const isClusters = (address: string): boolean =>
      address.startsWith("169.254.") ||
      (/^10\.(\d+)\./.test(address) && (Number(address.split(".")[1]) & 0xf0) === 96);
    for (const [index, [once, twice]] of (answer as [string, string][]).entries()) {
      const kept = (cases[index]?.servers ?? []).filter((each) => !isClusters(each));
      const expected = kept.length > 0 ? kept : ["192.0.2.1"];
      assert.equal(once, expected.map((each) => `nameserver ${each}\n`).join(""));
      assert.equal(twice, once);
    }
  });
});

describe("machines whose name servers are looked at", () => {
  const machine = { offline: false, vars: { upstream_dns_servers: ["8.8.8.8"] } };
  const names = (one: object): unknown =>
    python("import name_servers\nanswer = name_servers.wiped(given['one'], given['machines'])", {
      one: { extra: {}, ...one },
      machines: { a: machine, b: { ...machine, offline: true } },
    });

  it("are those that a playbook has wiped and can reach", () => {
    assert.deepEqual(names({ playbook: "reset.yml" }), ["a"]);
    assert.deepEqual(names({ playbook: "remove-node.yml", extra: { node: "a" } }), ["a"]);
    const dead = { playbook: "remove-node.yml", extra: { node: "a", reset_nodes: false } };
    assert.deepEqual(names(dead), []);
    assert.deepEqual(names({ playbook: "cluster.yml" }), []);
  });

  it("do not stop the reset where one cannot be asked: it is named", () => {
    const told = python(
      `
import name_servers
answer = []
def ssh(machine):
    return ["sh", "-c", "cat >/dev/null; echo no route >&2; exit 255", "ssh"]
name_servers.forget(given["one"], given["machines"], "10.96.0.0/12", ssh, answer.append)
`,
      { one: { playbook: "reset.yml", extra: {} }, machines: { a: machine } },
    );
    assert.deepEqual(told, [
      "a: look at /etc/resolv.conf, which may still name the cluster's DNS: no route",
    ]);
  });
});
