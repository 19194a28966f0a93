import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { Sandbox } from "../../support/sandbox";

const FILES = path.join(__dirname, "../../../components/bootstrap/files");
const CONTROL = ["control-plane", "etcd"];

interface Machine {
  readonly roles: readonly string[];
  readonly key: string | null;
  readonly offline: boolean;
  readonly address: string;
  readonly sleeps: boolean;
}

const machine = (name: string, roles = CONTROL, more: Partial<Machine> = {}): Machine => ({
  ...{ roles, key: `key of ${name}`, offline: false, address: `192.0.2.${name}`, sleeps: false },
  ...more,
});

/** A cluster that is asked by kubectl and etcdctl: what is deleted and removed there is noted. */
class Cluster {
  readonly box = new Sandbox();
  private readonly objects: Record<string, unknown>[] = [];
  private readonly members: { name: string; runs: boolean }[] = [];

  constructor() {
    const at = (name: string) => this.box.at(name);
    this.program(
      "kubectl",
      `case "$1 $2" in
  "get nodes") if [ -e ${at("starts")} ]; then cat ${at("starts")} >&2; rm ${at("starts")}; exit 1; fi; cat ${at("nodes")} ;;
  "get pv") cat ${at("volumes")} ;;
  "-n kube-node-lease") if grep -qx "$5" ${at("heard")}; then cat /proc/uptime; else echo before; fi ;;
  *) echo "$1 $2 $3" >>${at("calls")} ;;
esac`,
    );
    this.program(
      "etcdctl",
      `case "$1 $2" in
  "member list") cat ${at("members")} ;;
  "member remove") if [ -e ${at("settles")} ]; then rm ${at("settles")}; echo "etcdserver: unhealthy cluster" >&2; exit 1; fi
    echo "$1 $2 $3" >>${at("calls")} ;;
  "endpoint health") cat ${at("health")}; ! grep -q false ${at("health")} ;;
  *) echo "$1 $2 $3" >>${at("calls")} ;;
esac`,
    );
  }

  private program(name: string, text: string): void {
    fs.writeFileSync(this.box.at(name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  node(name: string, roles = CONTROL, ready: "True" | "Unknown" = "True"): this {
    const control = roles.includes("control-plane");
    this.objects.push({
      metadata: { name, labels: control ? { "node-role.kubernetes.io/control-plane": "" } : {} },
      status: { conditions: [{ type: "Ready", status: ready }] },
    });
    return this;
  }

  member(name: string, runs = true): this {
    this.members.push({ name, runs });
    return this;
  }

  /** What the program says, and what it has changed. */
  run(
    phase: "arrivals" | "departures",
    machines: Readonly<Record<string, Machine>>,
    more: {
      readonly keys?: Readonly<Record<string, string>>;
      readonly service?: string;
      readonly heard?: readonly string[];
      readonly volumes?: readonly object[];
      readonly recorded?: readonly string[];
    } = {},
  ) {
    const { keys = {}, service, heard = [], volumes = [], recorded = [] } = more;
    const url = ({ name }: { name: string }) => `https://192.0.2.${name}:2379`;
    this.write("nodes", { items: this.objects });
    this.write("volumes", { items: volumes });
    fs.writeFileSync(this.box.at("heard"), heard.map((name) => `${name}\n`).join(""));
    this.write("members", {
      members: this.members.map((one, i) => ({
        ...{ ID: 2 ** 40 + i, name: one.name, peerURLs: [url(one)], clientURLs: [url(one)] },
      })),
    });
    this.write(
      "health",
      this.members.map((one) => ({ endpoint: url(one), health: one.runs })),
    );
    this.write("spec.json", {
      machines,
      rules: { controller: "a", allowRemoval: true, learners: true, leavesFirst: false },
      kubectl: [this.box.at("kubectl")],
      etcdctl: service === undefined ? [this.box.at("etcdctl")] : [],
      service: service ?? null,
    });
    this.write("keys.json", keys);
    fs.writeFileSync(this.box.at("steps"), recorded.map((name) => `node\t${name}\t\n`).join(""));
    fs.rmSync(this.box.at("calls"), { force: true });
    const start = [
      "import sys",
      `sys.path.insert(0, ${JSON.stringify(FILES)})`,
      "import change_members as program",
      `program.STEPS, program.KEYS, program.LISTEN_SECONDS = ${JSON.stringify(this.box.at("steps"))}, ${JSON.stringify(this.box.at("keys.json"))}, 2`,
      `try: program.main(${JSON.stringify(this.box.at("spec.json"))}, ${JSON.stringify(phase)})`,
      'except program.Refused as refusal: sys.exit(f"{refusal}\\nto do: {refusal.advice}")',
    ].join("\n");
    const ran = spawnSync("python3", ["-B", "-c", start], { encoding: "utf8" });
    const calls = this.box.exists("calls") ? this.box.read("calls").trim().split("\n") : [];
    return { code: ran.status, said: ran.stdout, refused: ran.stderr, calls };
  }

  keys(): unknown {
    return JSON.parse(this.box.read("keys.json"));
  }

  private write(name: string, value: unknown): void {
    fs.writeFileSync(this.box.at(name), JSON.stringify(value));
  }
}

describe("the program that lets machines leave a cluster", () => {
  let cluster: Cluster;
  const three = { a: machine("a"), b: machine("b"), c: machine("c") };
  const keys = { a: "key of a", b: "key of b", c: "key of c" };
  beforeEach(() => {
    cluster = new Cluster();
  });
  afterEach(() => {
    cluster.box.remove();
  });

  it("takes the dead machine out whose place a new one has, before that one joins", () => {
    cluster.node("a").node("b").node("c", CONTROL, "Unknown");
    cluster.member("a").member("b").member("c", false);
    const wanted = { ...three, c: machine("c", CONTROL, { key: "another" }) };
    const ran = cluster.run("arrivals", wanted, { keys });
    assert.deepEqual([ran.code, ran.refused], [0, ""]);
    assert.deepEqual(ran.calls, ["member remove 10000000002", "delete node c"]);
    assert.match(ran.said, /^c is not asked, .* etcd forgets its member/);
  });

  it("leaves a machine that runs with another host key, and one that is only down", () => {
    cluster.node("a").node("b").node("c");
    cluster.member("a").member("b").member("c");
    const wanted = { ...three, c: machine("c", CONTROL, { key: "made again" }) };
    assert.deepEqual(cluster.run("arrivals", wanted, { keys, heard: ["c"] }).calls, []);
    // The cluster takes it to be Ready yet, and nothing is heard of it.
    assert.equal(cluster.run("arrivals", wanted, { keys }).calls.length, 2);
    assert.deepEqual(cluster.run("arrivals", three, { keys }).calls, []);
    const other = new Cluster();
    other.node("a").node("b").node("c", CONTROL, "Unknown");
    other.member("a").member("b").member("c", false);
    assert.deepEqual(other.run("arrivals", three, { keys }).calls, []);
    other.box.remove();
  });

  it("waits for an API server that starts, and for nothing else", () => {
    cluster.node("a").member("a");
    const starts = (text: string) => {
      fs.writeFileSync(cluster.box.at("starts"), text);
      return cluster.run("arrivals", { a: three.a });
    };
    assert.equal(starts("The connection to the server 127.0.0.1:6443 was refused").code, 0);
    const { code, refused } = starts("error: You must be logged in to the server");
    assert.equal(code, 1);
    assert.match(refused, /^kubectl get nodes -o fails: error: You must be logged in/);
  });

  it("forgets a member of etcd whose Node somebody has deleted, so that its machine can join again", () => {
    cluster.node("a").node("b").member("a").member("b").member("c", false);
    assert.deepEqual(cluster.run("arrivals", three, { keys }).calls, [
      "member remove 10000000002",
      "delete node c",
    ]);
  });

  it("lets a worker go that becomes a control plane, and only then", () => {
    cluster.node("a").node("b", ["worker"]).member("a");
    const worker = { a: three.a, b: machine("b", ["worker"]) };
    assert.deepEqual(cluster.run("arrivals", worker).calls, []);
    const promoted = { a: three.a, b: machine("b") };
    assert.deepEqual(cluster.run("arrivals", promoted).calls, [
      "drain b --ignore-daemonsets",
      "delete node b",
    ]);
  });

  it("drains a control plane that left the configuration, and remembers the keys of those that stay", () => {
    cluster.node("a").node("b").node("c").member("a").member("b").member("c");
    const left = { a: three.a, b: three.b };
    const recorded = ["a", "b", "c"];
    assert.deepEqual(cluster.run("arrivals", left, { recorded }).calls, []);
    const ran = cluster.run("departures", left, { recorded });
    assert.deepEqual(ran.calls, [
      "drain c --ignore-daemonsets",
      "member remove 10000000002",
      "delete node c",
    ]);
    assert.deepEqual(cluster.keys(), { a: "key of a", b: "key of b" });
  });

  it("waits where etcd lets no member go yet, as another one has just come back", () => {
    cluster.node("a").node("b").node("c").member("a").member("b").member("c");
    fs.writeFileSync(cluster.box.at("settles"), "");
    const recorded = ["a", "b", "c"];
    const ran = cluster.run("departures", { a: three.a, b: three.b }, { recorded });
    assert.deepEqual([ran.refused, ran.calls[1]], ["", "member remove 10000000002"]);
  });

  it("touches no Node that is not of the stack's machines", () => {
    cluster.node("a").node("laptop", ["worker"]).member("a");
    for (const phase of ["arrivals", "departures"] as const)
      assert.deepEqual(cluster.run(phase, { a: three.a }, { recorded: ["a"] }).calls, []);
  });

  it("refuses a removal that would cost etcd its majority, by what runs now", () => {
    cluster.node("a").node("b").node("c", CONTROL, "Unknown");
    cluster.member("a").member("b").member("c", false);
    const left = { a: three.a, c: three.c };
    for (const phase of ["arrivals", "departures"] as const) {
      const ran = cluster.run(phase, left, { recorded: ["a", "b", "c"] });
      assert.deepEqual([ran.code, ran.calls], [1, []]);
      assert.match(
        ran.refused,
        /without b etcd would have no majority: 1 of 2 members run \(a\)\nto do: /,
      );
    }
  });

  it("refuses to delete a server of K3s or RKE2 that still runs, which would join again", () => {
    cluster.node("a").node("b").node("c");
    const left = { a: three.a, b: three.b };
    const more = { recorded: ["a", "b", "c"], service: "k3s" };
    const ran = cluster.run("arrivals", left, more);
    assert.match(
      ran.refused,
      /^c still runs k3s, .*\nto do: run there: sudo systemctl disable --now k3s/,
    );
    const stopped = new Cluster();
    stopped.node("a").node("b").node("c", CONTROL, "Unknown");
    assert.deepEqual(stopped.run("departures", left, more).calls, ["delete node c"]);
    stopped.box.remove();
  });

  it("refuses to let a machine go on which claims keep their data", () => {
    cluster.node("a").node("b", ["worker"]).member("a");
    const volume = (annotations: object, phase = "Bound") => ({
      metadata: { annotations },
      spec: {
        claimRef: { namespace: "photos", name: "library" },
        nodeAffinity: {
          required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "h", values: ["b"] }] }] },
        },
      },
      status: { phase },
    });
    const made = { "pv.kubernetes.io/provisioned-by": "rancher.io/local-path" };
    const recorded = ["a", "b"];
    const ran = cluster.run("departures", { a: three.a }, { recorded, volumes: [volume(made)] });
    assert.match(
      ran.refused,
      /^claims keep their data on a machine that leaves: photos\/library on b\n/,
    );
    // The program's own volumes are folders of the machine, and go with the app's place.
    for (const free of [volume({}), volume(made, "Released")])
      assert.equal(
        cluster.run("departures", { a: three.a }, { recorded, volumes: [free] }).code,
        0,
      );
  });
});
