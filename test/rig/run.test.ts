import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { run } from "./command";
import { removeLeftovers } from "./leftovers";
import { startRig } from "./rig";
import { RUNS, currentRun, runCgroups } from "./run-context";
import { requireRig } from "./use-rig";
import { waitFor } from "./wait";

describe("what the rig leaves behind", function () {
  before(function () {
    requireRig(this);
  });

  it("is nothing once it has stopped", async () => {
    const before = await traces();
    const rig = await startRig();
    assert.notDeepEqual(await traces(), before);
    await rig.stop();
    assert.deepEqual(await traces(), before);
    for (const cgroup of runCgroups(currentRun()?.id ?? "")) assert.ok(!existsSync(cgroup), cgroup);
  });

  it("is nothing when a machine could not be made", async () => {
    const before = await traces();
    const machine = { name: "m", address: "10.213.0.9", mac: "no", nic: "eth0", disk: "1G" };
    await assert.rejects(startRig({ machines: [machine] }), /network\.sh plug/);
    assert.deepEqual(await traces(), before);
  });

  it("is what the next run removes, when a run was killed with its machines on", async () => {
    const script = `require(${JSON.stringify(path.join(__dirname, "rig"))}).startRig()
      .then(() => { console.log(process.env.VMSTATION_RIG_RUN); setInterval(() => {}, 1e6); })`;
    const args = ["--require", "tsx/cjs", path.join(__dirname, "run.ts"), "--exec"];
    const command = [process.execPath, "--require", "tsx/cjs", "-e", script];
    const other = spawn(process.execPath, [...args, ...command], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const id = await new Promise<string>((resolve) =>
      createInterface(other.stdout).once("line", resolve),
    );
    const [cgroup = ""] = runCgroups(id);
    assert.equal(populated(cgroup), true);
    assert.deepEqual(await removeLeftovers(), [], "a run that lives is left alone");
    other.kill("SIGKILL");
    await once(other, "exit");
    await waitFor("the kernel to end all of it", () => Promise.resolve(!populated(cgroup)));
    await waitFor("its lock", async () => (await removeLeftovers()).includes(id));
    assert.ok(!existsSync(cgroup));
    assert.deepEqual(
      readdirSync(RUNS).filter((name) => name.startsWith(id)),
      [],
    );
  });
});

/** All that a rig makes: processes, mounts, links, namespaces. */
async function traces(): Promise<string[]> {
  const links = await run("ip", ["-o", "link"]);
  const processes = await run("ps", ["-e", "-o", "comm="]);
  return [
    ...[...links.stdout.matchAll(/^\d+: ([^:@]+)/gm)].map(([, name]) => `link ${name}`),
    ...readdirSync("/run/netns").map((name) => `namespace ${name}`),
    ...readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .map((line) => `mount ${line.split(" ")[1]}`),
    ...processes.stdout
      .split("\n")
      .filter((name) => !["ps", ""].includes(name.trim()))
      .map((name) => `process ${name}`),
  ].sort();
}

/** Whether a control group holds processes, in whichever group below it. */
function populated(cgroup: string): boolean {
  return readFileSync(path.join(cgroup, "cgroup.events"), "utf8").includes("populated 1");
}
