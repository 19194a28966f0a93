import assert from "node:assert/strict";
import * as fs from "node:fs";
import { K3sMachine } from "./k3s-cluster";
import type { Result } from "./installer";
import { argsOf } from "./sites";

const args = argsOf("k3s");
const at = (kubernetesVersion: string) => argsOf("k3s", { kubernetesVersion });
const services = ({ calls }: Result) => calls.filter((call) => /^systemctl (re)?start /.test(call));

describe("K3s's installer", function () {
  this.timeout(60_000);
  let box: K3sMachine;
  const state = (name: string) => box.read(`/var/lib/vmstation/bootstrap/k3s-${name}`);
  const ok = (ran: Result): Result => {
    assert.equal(ran.code, 0, ran.stderr);
    return ran;
  };
  beforeEach(() => {
    box = new K3sMachine();
  });
  afterEach(() => {
    box.remove();
  });

  it("starts a server and an agent with what the steps lay down, and next time only sees that they run", () => {
    assert.deepEqual(services(ok(box.install(args, "maple"))), ["systemctl restart k3s"]);
    assert.equal(fs.readlinkSync(box.at("usr/bin/kubectl")), "k3s");
    assert.deepEqual(services(ok(box.install(args, "maple"))), ["systemctl start k3s"]);
    const changed = argsOf("k3s", { maxPods: 60 });
    assert.deepEqual(services(ok(box.install(changed, "maple"))), ["systemctl restart k3s"]);
    box.remove();
    box = new K3sMachine();
    assert.deepEqual(services(ok(box.install(args, "hazel"))), ["systemctl restart k3s-agent"]);
    assert.equal(box.node("hazel").version, "v1.35.4+k3s1");
  });

  it("refuses an option that K3s does not know, through the stand-in", () => {
    const config = "/etc/rancher/k3s/config.yaml";
    ok(box.install(args, "maple"));
    box.write(config, `${box.read(config) ?? ""}\nno-such-option: true\n`);
    const calls = box.run(
      "v1.35.4+k3s1",
      "k3s",
      "maple",
      "other",
      box.at("bin/fetch"),
      "0",
      "",
      "6443",
      "/none",
    );
    assert.equal(calls.code, 1);
    assert.match(calls.stderr, /flag provided but not defined: -no-such-option/);
    assert.match(calls.stderr, /to do: read 'journalctl -u k3s' on maple/);
  });

  for (const phase of ["before data", "data", "joined"]) {
    it(`continues a first start that was cut (${phase})`, () => {
      box.write("stop", phase);
      const cut = box.install(args, "maple");
      assert.deepEqual([cut.code, state("intent"), state("release")], [1, undefined, undefined]);
      assert.deepEqual(services(ok(box.install(args, "maple"))), ["systemctl restart k3s"]);
      assert.equal(state("release"), "v1.35.4+k3s1");
    });
  }

  it("applies what the controller is to have once the API answers, and places K3s's own add-ons", () => {
    const { calls } = ok(box.install(args, "maple", "30-calico.yaml"));
    const kube = calls.filter((call) => call.startsWith("k3s kubectl")).join("\n");
    assert.match(kube, /apply --server-side .*30-calico\.yaml/);
    assert.match(kube, /patch deployment\.apps\/coredns /);
    assert.match(kube, /patch deployment\.apps\/metrics-server /);
    assert.doesNotMatch(kube, /apps\/other/);
  });

  it("upgrades a server after a snapshot and a drain, and takes it back", () => {
    ok(box.install(at("1.34.7"), "maple"));
    box.add("hazel", "v1.34.7+k3s1");
    const { calls } = ok(box.install(at("1.35.4"), "maple"));
    const order = [
      "etcd-snapshot save --name vmstation",
      "etcd-snapshot prune",
      "drain maple",
      "systemctl restart k3s",
      "uncordon maple",
    ];
    const places = order.map((words) => calls.findIndex((call) => call.includes(words)));
    assert.ok(
      places.every((place) => place >= 0),
      calls.join("\n"),
    );
    assert.deepEqual(
      [...places].sort((a, b) => a - b),
      places,
    );
    const { version, cordoned, mark } = box.node("maple");
    assert.deepEqual([version, cordoned, mark], ["v1.35.4+k3s1", false, ""]);
  });

  it("asks for its snapshot at the port that the API server has", () => {
    const settings = { apiServerPort: 8443 };
    ok(box.install(argsOf("k3s", { ...settings, kubernetesVersion: "1.34.7" }), "maple"));
    const { calls } = ok(box.install(argsOf("k3s", settings), "maple"));
    const asked = calls.filter((call) => call.includes("etcd-snapshot"));
    assert.equal(asked.length, 2);
    for (const call of asked) assert.match(call, / --etcd-server https:\/\/127\.0\.0\.1:8443/);
  });

  it("drains no machine whose pods could go nowhere", () => {
    ok(box.install(at("1.34.7"), "maple"));
    box.add("hazel", "v1.34.7+k3s1", { cordoned: true });
    const { calls } = ok(box.install(at("1.35.4"), "maple"));
    assert.ok(!calls.some((call) => call.includes(" drain ")));
  });

  it("leaves a machine in service, and the program as it was, where pods will not leave it", () => {
    ok(box.install(at("1.34.7"), "maple"));
    box.add("hazel", "v1.34.7+k3s1");
    box.write("stays", "");
    const refused = box.install(at("1.35.4"), "maple");
    assert.deepEqual([refused.code, services(refused)], [1, ["systemctl start k3s"]]);
    assert.match(box.read("usr/bin/k3s") ?? "", /# v1\.34\.7\+k3s1$/);
    assert.equal(box.node("maple").cordoned, false);
    fs.rmSync(box.at("stays"));
    ok(box.install(at("1.35.4"), "maple"));
    assert.equal(box.node("maple").version, "v1.35.4+k3s1");
  });

  it("continues an upgrade that was cut while the server was away", () => {
    ok(box.install(at("1.34.7"), "maple"));
    box.add("hazel", "v1.34.7+k3s1");
    box.write("stop", "joined v1.35.4+k3s1");
    const cut = box.install(at("1.35.4"), "maple");
    assert.deepEqual([cut.code, box.node("maple").cordoned], [1, true]);
    ok(box.install(at("1.35.4"), "maple"));
    const { version, cordoned } = box.node("maple");
    assert.deepEqual([version, cordoned], ["v1.35.4+k3s1", false]);
  });

  it("goes one minor version forward, and refuses to skip one or to go back", () => {
    for (const version of ["1.34.7", "1.34.9", "1.35.4"]) ok(box.install(at(version), "maple"));
    for (const version of ["1.37.0", "1.34.9", "1.35.3"]) {
      const refused = box.install(at(version), "maple");
      assert.deepEqual([refused.code, refused.calls], [1, []], version);
      assert.match(refused.stderr, /from K3s v1\.35\.4\+k3s1 to .*\nto do: go one minor version/);
      assert.equal(state("release"), "v1.35.4+k3s1");
    }
  });

  it("knows the release of a cluster that another hand has installed", () => {
    ok(box.install(at("1.35.4"), "maple"));
    fs.rmSync(box.at("/var/lib/vmstation/bootstrap"), { recursive: true });
    const refused = box.install(at("1.34.7"), "maple");
    assert.match(refused.stderr, /from K3s v1\.35\.4\+k3s1 to v1\.34\.7\+k3s1/);
  });
});

describe("an agent's upgrade by K3s", function () {
  this.timeout(60_000);
  let box: K3sMachine;
  beforeEach(() => {
    box = new K3sMachine();
    box.install(at("1.35.4"), "maple");
  });
  afterEach(() => {
    box.remove();
  });
  const turn = (way: "leaves" | "is back") => box.turn(at("1.35.4"), "hazel", way);
  const cordoned = () => box.node("hazel").cordoned;

  it("is drained before, and back in service once it runs the release", () => {
    box.add("hazel", "v1.34.7+k3s1");
    assert.equal(turn("leaves").code, 0);
    assert.equal(cordoned(), true);
    assert.notEqual(turn("is back").code, 0, "it does not run the release yet");
    assert.equal(cordoned(), true);
    box.write("nodes/hazel/version", "v1.35.4+k3s1");
    assert.equal(turn("is back").code, 0);
    assert.equal(cordoned(), false);
  });

  it("leaves alone what is not there, runs the release, is asleep or was cordoned by somebody else", () => {
    assert.deepEqual([turn("leaves").code, turn("is back").code], [0, 0]);
    for (const [version, asleep] of [
      ["v1.35.4+k3s1", false],
      ["v1.34.7+k3s1", true],
    ] as const) {
      box.add("hazel", version, { asleep });
      assert.equal(turn("leaves").code, 0);
      assert.equal(cordoned(), false);
    }
    box.add("hazel", "v1.35.4+k3s1", { cordoned: true });
    assert.deepEqual([turn("leaves").code, turn("is back").code], [0, 0]);
    assert.equal(cordoned(), true);
  });
});
