import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { z } from "zod";
import { python } from "./python";
import {
  homelabState,
  machineState,
  recordOf,
  type MachineState,
  type Recorded,
  type WantedState,
} from "./clusters";

/** What stands in for Ansible: it notes its playbook, and fails at the calls that FAIL names. */
const STAND_IN = `#!/bin/sh
case " $* " in *" --list-tasks "*) printf '  play #1\\n  play #2\\n'; exit 0 ;; esac
here=$(dirname "$0")
for last; do :; done
number=$(($(cat "$here/count" 2>/dev/null || echo 0) + 1))
echo "$number" >"$here/count"
echo "PLAY [$last] ***"
for bad in $(cat "$here/fail"); do
  if [ "$bad" = "$number" ]; then
    echo "TASK [breaks] ***"
    echo 'fatal: [maple]: FAILED! => {"msg": "cut"}'
    exit 2
  fi
done
echo "$*" >>"$here/done"
`;

const DRIVER = `
import json, os
import discover, run, variables
home = given["home"]
run.RECORD, run.BEGUN = home + "/record.json", home + "/begun"
variables.check = lambda home: None
def look(with_record):
    there = os.path.exists(run.RECORD) or os.path.exists(run.BEGUN)
    return ("kubespray" if there else None), None
discover.look = look
discover.is_ready = lambda name: name in given.get("ready", [])
import awake, name_servers
name_servers.forget = lambda *others: None
awake.wake = lambda name, *others: name not in given.get("dead", [])
os.environ["VMSTATION_PROGRESS"] = home + "/progress"
os.environ["VMSTATION_FAILURE"] = home + "/failure"
run.print = lambda *words, **more: None
import playbook
playbook.print = run.print
answer = []
while len(answer) < given["runs"] and answer[-1:] != [0]:
    try:
        answer.append(run.main([*given["mode"], home]))
    except run.Refused as refusal:
        answer.append(run.give_up(f"{refusal}\\nto do: {refusal.advice}", 2))
`;

/** The same machines as run.py has them: with how to reach them. */
function reachable(machines: Readonly<Record<string, MachineState>>): object {
  const vars = { ansible_host: "127.0.0.1", ansible_port: 22, ansible_user: "u" };
  return Object.fromEntries(
    Object.entries(machines).map(([name, m]) => [name, { ...m, sleeps: false, mac: null, vars }]),
  );
}

class Controller {
  readonly home = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-controller-"));

  constructor(wanted: WantedState, recorded: Recorded | undefined, fail: readonly number[]) {
    for (const folder of ["venv/bin", "inventory", "checkout"]) {
      fs.mkdirSync(path.join(this.home, folder), { recursive: true });
    }
    this.write("inventory/wanted.json", {
      ...wanted,
      snapshot: { enabled: false },
      existing: "refuse",
      resetClusterName: null,
      broadcast: "127.255.255.255",
      wakeTimeout: 1,
      machines: reachable(wanted.machines),
    });
    if (recorded !== undefined) {
      this.write("record.json", { ...recorded, machines: reachable(recorded.machines) });
    }
    fs.writeFileSync(path.join(this.home, "inventory/known_hosts.gone"), "127.0.0.1 ssh-x AAAA\n");
    fs.writeFileSync(path.join(this.home, "venv/bin/fail"), fail.join(" "));
    fs.writeFileSync(path.join(this.home, "venv/bin/ansible-playbook"), STAND_IN, { mode: 0o755 });
  }

  private write(file: string, value: unknown): void {
    fs.writeFileSync(path.join(this.home, file), JSON.stringify(value));
  }

  read(file: string): string {
    const full = path.join(this.home, file);
    return fs.existsSync(full) ? fs.readFileSync(full, "utf8") : "";
  }

  /** Exit codes of up to that many runs; a run that succeeds is the last. */
  runs(most: number, ...mode: string[]): number[] {
    return this.drive({ runs: most, mode });
  }

  /** One run; `dead` machines do not answer over SSH, the kubelets of `ready` ones are heard from. */
  run(world: { dead?: readonly string[]; ready?: readonly string[] } = {}): number | undefined {
    return this.drive({ runs: 1, mode: [], ...world })[0];
  }

  private drive(given: object): number[] {
    return z.array(z.number()).parse(python(DRIVER, { home: this.home, ...given }));
  }

  /** The playbooks that were run to their end. */
  finished(): string[] {
    return this.read("venv/bin/done")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split(" ").at(-1) ?? "");
  }

  remove(): void {
    fs.rmSync(this.home, { recursive: true });
  }
}

const before = homelabState();
/** A machine leaves, another joins, settings change: four playbooks. */
const after = homelabState({
  allowRemoval: true,
  machines: {
    maple: machineState(["control-plane", "etcd"]),
    hazel: machineState(["worker"]),
  },
  groups: { ...before.groups, kubelet: { tags: ["node"], manifests: false, digest: "k1" } },
});
const WHOLE = ["remove-node.yml", "playbooks/facts.yml", "scale.yml", "cluster.yml"];

describe("a run on the controller", function () {
  this.timeout(60_000);

  const withController = (
    given: ConstructorParameters<typeof Controller>,
    use: (controller: Controller) => void,
  ): void => {
    const controller = new Controller(...given);
    try {
      use(controller);
    } finally {
      controller.remove();
    }
  };

  it("runs each playbook once, in order, and nothing the second time", () => {
    withController([after, recordOf(before), []], (controller) => {
      assert.equal(controller.run(), 0);
      assert.deepEqual(controller.finished(), WHOLE);
      assert.equal(controller.run(), 0);
      assert.deepEqual(controller.finished(), WHOLE);
    });
  });

  it("continues where it was interrupted, any number of times, and never repeats what changed the cluster", () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 4 });
    fc.assert(
      fc.property(cuts, (fail) => {
        withController([after, recordOf(before), fail], (controller) => {
          // Each cut costs one run at most.
          assert.equal(controller.runs(fail.length + 1).at(-1), 0);
          // Facts are only read: they are gathered again before what needs them.
          const changes = controller.finished().filter((p) => p !== "playbooks/facts.yml");
          assert.deepEqual(
            changes,
            WHOLE.filter((p) => p !== "playbooks/facts.yml"),
          );
          const state = z
            .looseObject({ machines: z.record(z.string(), z.unknown()), groups: z.unknown() })
            .parse(JSON.parse(controller.read("record.json")));
          assert.deepEqual(Object.keys(state.machines).sort(), ["hazel", "maple"]);
          assert.deepEqual(state.groups, { cluster: "c0", kubelet: "k1", dns: "n0" });
        });
      }),
      { numRuns: 12 },
    );
  });

  it("continues its own first installation, and does not take it for another's", () => {
    withController([before, undefined, [1]], (controller) => {
      assert.notEqual(controller.run(), 0);
      assert.notEqual(controller.read("begun"), "");
      assert.equal(controller.run(), 0);
      assert.deepEqual(controller.finished(), ["cluster.yml"]);
      assert.equal(controller.read("begun"), "");
    });
  });

  it("says which task failed on which machine, and why", () => {
    withController([after, recordOf(before), [1]], (controller) => {
      assert.equal(controller.run(), 2);
      assert.equal(
        controller.read("failure"),
        "host: maple\nplay: remove-node.yml\ntask: breaks\nmessage: cut\n\n",
      );
      assert.match(controller.read("progress"), /^step 1 of 4: remove-node\.yml -e node=storage /);
    });
  });

  it("keeps the version that is installed until the upgrade itself", () => {
    const upgraded = homelabState({
      kubernetesVersion: "1.35.4",
      allowRemoval: true,
      machines: { maple: machineState(["control-plane", "etcd"], { version: "1.35.4" }) },
    });
    withController([upgraded, recordOf(before), []], (controller) => {
      assert.equal(controller.run(), 0);
      const versions = [...controller.read("venv/bin/done").matchAll(/"kube_version": "([^"]+)"/g)];
      assert.deepEqual(controller.finished(), ["remove-node.yml", "upgrade-cluster.yml"]);
      assert.deepEqual(
        versions.map(([, v]) => v),
        ["1.34.2", "1.35.4"],
      );
    });
  });

  it("removes a dead machine without a reset, and none that its cluster still hears from", () => {
    const gone = homelabState({
      allowRemoval: true,
      machines: { maple: machineState(["control-plane", "etcd"]) },
    });
    withController([gone, recordOf(before), []], (controller) => {
      assert.equal(controller.run({ dead: ["storage"], ready: ["storage"] }), 2);
      assert.match(
        controller.read("failure"),
        /storage does not answer over SSH, but its kubelet is Ready/,
      );
      assert.deepEqual(controller.finished(), []);
      assert.equal(controller.run({ dead: ["storage"] }), 0);
      assert.deepEqual(controller.finished(), ["remove-node.yml"]);
      const told = controller.read("venv/bin/done");
      assert.match(told, /"allow_ungraceful_removal": true/);
      assert.match(told, /"reset_nodes": false/);
    });
  });

  it("reaches a machine that leaves by its host key, which goes only when the machine has gone", () => {
    const gone = homelabState({
      allowRemoval: true,
      machines: { maple: machineState(["control-plane", "etcd"]) },
    });
    withController([gone, recordOf(before), [1]], (controller) => {
      assert.equal(controller.run(), 2, "the playbook fails");
      assert.notEqual(controller.read("inventory/known_hosts.gone"), "");
      assert.equal(controller.run(), 0);
      assert.doesNotMatch(controller.read("venv/bin/done"), /reset_nodes/);
      assert.equal(controller.read("inventory/known_hosts.gone"), "");
    });
    withController([gone, recordOf(before), []], (controller) => {
      fs.rmSync(path.join(controller.home, "inventory/known_hosts.gone"));
      assert.equal(controller.run(), 2);
      assert.match(
        controller.read("failure"),
        /no host key of storage is known.*\nto do: put storage back/,
      );
      assert.deepEqual(controller.finished(), []);
    });
  });

  it("applies every variable again when it is told to, and nothing else", () => {
    withController([before, recordOf(before), []], (controller) => {
      assert.deepEqual(controller.runs(1, "--again"), [0]);
      assert.deepEqual(controller.finished(), []);
      assert.equal(controller.run(), 0);
      assert.deepEqual(controller.finished(), ["cluster.yml"]);
      assert.doesNotMatch(controller.read("venv/bin/done"), /--tags/);
    });
  });

  it("wipes what is recorded, goes on with it where that failed, and leaves no record", () => {
    withController([before, recordOf(before), [1]], (controller) => {
      assert.deepEqual(controller.runs(2, "--reset"), [2, 0]);
      assert.deepEqual(controller.finished(), ["reset.yml"]);
      assert.match(controller.read("venv/bin/done"), /"reset_confirmation": "yes"/);
      assert.match(controller.read("venv/bin/done"), /"reset_restart_network": false/);
      assert.equal(controller.read("record.json"), "");
    });
  });
});
