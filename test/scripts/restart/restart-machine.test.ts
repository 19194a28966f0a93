import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../../../scripts/kit/user-error";
import type { NodeSeen } from "../../../scripts/verbs/restart/nodes";
import { renderIntents } from "../../../scripts/verbs/restart/render";
import {
  against,
  isDrained,
  restartMachine,
  type World,
} from "../../../scripts/verbs/restart/restart-machine";

const ETCD = ["a", "b", "c"];
const node = (name: string, changes: Partial<NodeSeen> = {}): NodeSeen => ({
  ...{ name, ready: true, cordoned: false, ours: false, boot: `${name}-1` },
  ...changes,
});

/** A cluster in memory; time passes only where the code waits. */
class Lab implements World {
  readonly log: string[] = [];
  seconds = 0;
  /** Seconds after its restart at which the machine, and its kubelet, are back. */
  back = 60;
  ready = 90;
  restarted: number | undefined;
  drains: Error | undefined;
  restarts: Error | undefined;
  silent = false;

  constructor(public nodes: readonly NodeSeen[]) {}

  private since(): number {
    return this.restarted === undefined ? -1 : this.seconds - this.restarted;
  }
  look = (): Promise<NodeSeen[]> => {
    const since = this.since();
    if (since >= 0 && since < 30) return Promise.reject(new UserError("the API server is away"));
    return Promise.resolve(
      this.nodes.map((each) =>
        each.name === "a" && since >= this.ready ? { ...each, boot: "a-2" } : each,
      ),
    );
  };
  drain = (name: string): Promise<void> => {
    this.log.push(`drain ${name}`);
    return this.drains === undefined ? Promise.resolve() : Promise.reject(this.drains);
  };
  takeBack = (name: string): Promise<void> => {
    this.log.push(`take back ${name}`);
    return Promise.resolve();
  };
  boot = (): Promise<string | undefined> => {
    if (this.silent) return Promise.resolve(undefined);
    const since = this.since();
    if (since < 0) return Promise.resolve("a-1");
    return Promise.resolve(since < 10 ? "a-1" : since < this.back ? undefined : "a-2");
  };
  restart = (): Promise<void> => {
    this.log.push("restart");
    if (this.restarts !== undefined) return Promise.reject(this.restarts);
    this.restarted = this.seconds;
    return Promise.resolve();
  };
  pause = (milliseconds: number): Promise<void> => {
    this.seconds += milliseconds / 1000;
    return Promise.resolve();
  };
  now = (): number => this.seconds;
  onProgress = (): void => undefined;
}

const plan = (etcd: readonly string[] = ETCD) => ({ name: "a", etcd, patience: 600 });
const ALL = ETCD.map((name) => node(name));

describe("a drained restart", () => {
  it("ends only when the kubelet says that it runs in another boot", async () => {
    const lab = new Lab(ALL);
    assert.deepEqual(await restartMachine(plan(), lab), []);
    assert.deepEqual(lab.log, ["drain a", "restart", "take back a"]);
    // The Node said Ready all the time, and the machine answered by SSH for some seconds.
    assert.ok(lab.seconds >= 90);
  });

  it("is not begun where etcd would lose its quorum, and names who is away", async () => {
    const lab = new Lab([node("a"), node("b"), node("c", { ready: false })]);
    const why = await restartMachine(plan(), lab);
    assert.match(String(why[0]), /etcd needs 2 of 3 members, and 1 would be left: c is not Ready/);
    assert.deepEqual(lab.log, []);
  });

  it("leaves no node cordoned that could not be drained or restarted", async () => {
    const undrained = new Lab(ALL);
    undrained.drains = new UserError("kubectl drain on a: cannot evict: disruption budget");
    assert.match(String((await restartMachine(plan(), undrained))[0]), /disruption budget/);
    assert.deepEqual(undrained.log, ["drain a", "take back a"]);
    const refused = new Lab(ALL);
    refused.restarts = new UserError("Proxmox: 500 VM is locked (backup)");
    assert.match(String((await restartMachine(plan(), refused))[0]), /locked/);
    assert.deepEqual(refused.log, ["drain a", "restart", "take back a"]);
  });

  it("keeps a cordon of somebody else, and continues one of its own", async () => {
    const theirs = new Lab([node("a", { cordoned: true }), node("b")]);
    assert.deepEqual(await restartMachine(plan(["b"]), theirs), []);
    assert.deepEqual(theirs.log, ["restart"]);
    const ours = new Lab([node("a", { cordoned: true, ours: true }), node("b")]);
    await restartMachine(plan(["b"]), ours);
    assert.deepEqual(ours.log, ["drain a", "restart", "take back a"]);
  });

  it("is not drained where nobody would take its pods: a cluster of one machine restarts too", async () => {
    const lab = new Lab([node("a"), node("b", { cordoned: true })]);
    assert.deepEqual(await restartMachine(plan(["a"]), lab), []);
    assert.deepEqual(lab.log, ["restart", "take back a"]);
  });

  it("says what is missing where the machine or its kubelet does not come back", async () => {
    const lost = new Lab(ALL);
    lost.back = Infinity;
    lost.ready = Infinity;
    assert.match(String((await restartMachine(plan(), lost))[0]), /not back within 600 s/);
    const stuck = new Lab(ALL);
    stuck.ready = Infinity;
    assert.match(String((await restartMachine(plan(), stuck))[0]), /its kubelet is not Ready/);
    const silent = new Lab(ALL);
    silent.silent = true;
    assert.match(String((await restartMachine(plan(), silent))[0]), /does not answer by SSH/);
    assert.deepEqual(silent.log, []);
  });

  it("never leaves fewer members of etcd than quorum needs, of three or more", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 3, maxLength: 7 }), (ready) => {
        const names = ready.map((_, i) => `m${i}`);
        const nodes = names.map((name, i) => node(name, { ready: ready[i] === true }));
        const left = ready.slice(1).filter(Boolean).length;
        const allowed = against({ name: "m0", etcd: names, patience: 1 }, nodes).length === 0;
        assert.equal(allowed, left > names.length / 2);
      }),
    );
  });

  it("is shown by a dry run, with who restarts the machine", () => {
    assert.ok(isDrained("a", ALL));
    const intents = [
      { machine: "a", drained: true, by: "Proxmox" as const, why: [] },
      { machine: "b", drained: false, by: "systemd" as const, why: [] },
      { machine: "c", drained: true, by: "systemd" as const, why: ["etcd needs 2"] },
    ];
    assert.equal(
      renderIntents(intents),
      "a: would be drained, and restarted by Proxmox\n" +
        "b: would be not drained, since no other machine takes its pods; restarted by systemd\n" +
        "c: no: etcd needs 2\n",
    );
  });
});
