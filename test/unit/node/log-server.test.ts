import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { z } from "zod";
import {
  LIMIT_LOGS,
  limitLogs,
  listSenders,
  REMOTE,
  renderLogrotate,
  renderLogServer,
  type Sender,
} from "../../../components/node/log-server";
import { nodeFacts } from "../../../components/node/facts";
import { nodeContextOf } from "../../../stacks/node-context";
import { homelabSite } from "../../support/site";

const context = nodeContextOf(homelabSite());
const LIMIT = path.join(__dirname, "../../../components/node/files/limit-logs.py");

/** A namespace in which nothing but loopback is there. */
const NAMESPACE = ["--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];

function withSenders(senders: Readonly<Record<string, string>>): typeof context {
  const remoteLogs = { ...context.config.remoteLogs, senders };
  return { ...context, config: { ...context.config, remoteLogs } };
}

describe("the log server", () => {
  it("knows the other machines and the devices that are named, by their addresses", () => {
    assert.deepEqual(listSenders(withSenders({ router: "192.168.8.1" })), [
      { name: "hazel", address: "192.168.8.62", udp: false },
      { name: "spruce", address: "192.168.8.61", udp: false },
      { name: "router", address: "192.168.8.1", udp: true },
    ]);
  });

  it("opens its port to machines alone, and to the LAN and UDP where a device is named", () => {
    const rules = (senders: Readonly<Record<string, string>>) =>
      (nodeFacts(withSenders(senders).config, context.machines).firewall ?? [])
        .filter(({ purpose }) => purpose === "syslog")
        .map(({ protocol, from }) => `${protocol} ${from.join(" ")}`);
    assert.deepEqual(rules({}), ["tcp machines"]);
    assert.deepEqual(rules({ router: "192.168.8.1" }), ["tcp lan", "udp lan"]);
  });

  it("never gives all files together more than the size that is configured", () => {
    const whole = fc.integer({ min: 100e6, max: 1e13 });
    fc.assert(
      fc.property(whole, fc.integer({ min: 0, max: 300 }), (size, senders) => {
        const limits = limitLogs(size, senders);
        assert.ok(limits.rotated + 3 * senders * limits.file <= size);
        assert.ok(limits.rotateAt < limits.file && limits.rotated >= size / 2);
      }),
    );
  });

  it("is taken by rsyslogd no matter who sends, also where a machine is alone", function () {
    if (spawnSync("rsyslogd", ["-v"]).error !== undefined) {
      console.log("      no rsyslogd here: its configuration is not looked at");
      this.skip();
    }
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-rsyslog-"));
    try {
      const file = path.join(folder, "server.conf");
      const all = listSenders(withSenders({ router: "192.168.8.1" }));
      for (const senders of [[], all.slice(0, 1), all]) {
        fs.writeFileSync(file, renderLogServer(senders, limitLogs(1e9, 1), "10.244.0.0/16"));
        const ran = spawnSync("rsyslogd", ["-N1", "-f", file], { encoding: "utf8" });
        assert.equal(ran.status, 0, ran.stderr);
      }
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it("removes the oldest rotated files, and nothing else", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-logs-"));
    try {
      const write = (name: string, age: number): void => {
        const file = path.join(folder, name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, "x".repeat(100));
        fs.utimesSync(file, age, age);
      };
      write("a/syslog.log", 1);
      write("a/syslog.log.2.gz", 20);
      write("b/syslog.log.1", 30);
      write("b/old-program.log.3.gz", 10);
      write("a/keep.txt", 1);
      write("stranger/x.log.9.gz", 1);
      fs.symlinkSync(path.join(folder, "a/keep.txt"), path.join(folder, "a/link.log.7"));
      const folders = ["a", "b", "gone"].map((name) => path.join(folder, name));
      const ran = spawnSync("python3", ["-B", LIMIT, "150", ...folders], { encoding: "utf8" });
      assert.equal(ran.status, 0, ran.stderr);
      const left = fs.readdirSync(folder, { recursive: true, encoding: "utf8" });
      assert.deepEqual(left.filter((name) => name.includes("/")).sort(), [
        ...["a/keep.txt", "a/link.log.7", "a/syslog.log", "b/syslog.log.1", "stranger/x.log.9.gz"],
      ]);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it("withstands ten times its bounds, as rsyslogd and logrotate have it", function () {
    const run = (command: string, args: readonly string[]): boolean =>
      spawnSync(command, args, { stdio: "ignore" }).status === 0;
    if (!run("rsyslogd", ["-v"]) || !run("logrotate", ["--version"])) {
      console.log("      pending: rsyslogd or logrotate is not installed");
      this.skip();
    }
    if (!run("unshare", [...NAMESPACE, "true"])) {
      console.log("      pending: no network namespace can be made here");
      this.skip();
    }
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-logs-"));
    try {
      load(folder);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  }).timeout(180_000);
});

const seenSchema = z.strictObject({
  files: z.array(z.string()),
  refused: z.boolean(),
  pod: z.boolean(),
  most: z.number(),
  heard: z.boolean(),
  folders: z.array(z.string()),
  alive: z.boolean(),
});

function load(folder: string): void {
  const whole = 4e6;
  const senders: Sender[] = [
    { name: "first", address: "127.0.0.11", udp: false },
    { name: "second", address: "127.0.0.12", udp: false },
  ];
  const limits = limitLogs(whole, senders.length);
  const remote = path.join(folder, "remote");
  fs.mkdirSync(remote);
  const write = (name: string, text: string): string => {
    const file = path.join(folder, name);
    const here = text.replaceAll(REMOTE, remote).replaceAll(LIMIT_LOGS, LIMIT);
    fs.writeFileSync(file, here.replace(/systemctl kill.*/, `kill -HUP $(cat ${remote}.pid)`));
    return file;
  };
  const rsyslog = write("rsyslog.conf", renderLogServer(senders, limits, "127.0.8.0/24"));
  const logrotate = write("logrotate.conf", renderLogrotate(90, senders, limits));
  const script = path.join(__dirname, "files/load-logs.py");
  const known = senders.map(({ address }) => address).join(",");
  const args = [script, rsyslog, logrotate, remote, known, String(limits.file)];
  const ran = spawnSync("unshare", [...NAMESPACE, "python3", "-B", ...args], { encoding: "utf8" });
  assert.equal(ran.status, 0, ran.stderr);
  const seen = seenSchema.parse(JSON.parse(ran.stdout));
  assert.deepEqual(seen.files, ["first/syslog.log"]);
  assert.deepEqual(seen.folders, ["first", "second"]);
  assert.deepEqual([seen.refused, seen.heard, seen.alive], [true, true, true]);
  assert.equal(seen.pod, false, "a pod's lines are nobody's");
  assert.ok(seen.most <= whole, `${seen.most} bytes`);
  assert.ok(seen.most > limits.file, "the load was a load");
}
