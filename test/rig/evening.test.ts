import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { AppMachine } from "../../components/apps/frame/app";
import { appsSchema } from "../../components/apps/config";
import { sleepingApps } from "../../components/apps/facts";
import { planApps } from "../../components/apps/plan-apps";
import type { SleepingApp } from "../../components/power/types";
import { CONFIGURED } from "../support/fixtures/apps/configured/apps";
import { run } from "./command";
import type { Machine } from "./machine";
import { HOMELAB } from "./machine-spec";
import { lan, PowerLab, renderServer } from "./power/lab";
import type { Rig } from "./rig";
import { useRig } from "./use-rig";
import { waitFor } from "./wait";

const NAME = "spruce";
const PORT = 30_096;

/** What Jellyfin would be to a browser: a page, and a film that takes a while. */
const LIBRARY = `mkdir -p /srv/jellyfin
echo '<title>Jellyfin</title>' >/srv/jellyfin/index.html
truncate -s 64M /srv/jellyfin/film${renderServer("/srv/jellyfin", 8096)}`;

/** What an app of the stack's file would be: a page at the port of its Service. */
const FEED = `mkdir -p /srv/feed
echo news >/srv/feed/index.html${renderServer("/srv/feed", 80, "feed")}`;

/** Jellyfin as its own plan tells the power layer of it, and an app that the stack's file describes whole. */
function listSleepingApps(rig: Rig): SleepingApp[] {
  const machines = rig.machines.map(({ name, address }): AppMachine => {
    const sleeps = name === NAME;
    return { name, address, sleeps, roles: [sleeps ? "worker" : "control-plane"] };
  });
  const network = { podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/12" };
  const feed = { ...CONFIGURED.feed, machine: NAME };
  const config = appsSchema.parse({ jellyfin: { machine: NAME }, feed });
  const site = { machines, controller: undefined, lan, network };
  return sleepingApps(planApps(config, site), site);
}

describe("an evening with Jellyfin", () => {
  const getRig = useRig({ machines: HOMELAB.filter(({ name }) => name !== "hazel") });
  let rig: Rig;
  let lab: PowerLab;
  let machine: Machine;
  let viewer: ChildProcess | undefined;

  const url = (file: string): string => `http://${lab.control.address}:${PORT}/${file}`;

  /** What a browser is shown: status and text. */
  async function browse(): Promise<{ status: number; text: string }> {
    const words = ["-sS", "--max-time", "10", "-H", "Accept: text/html", "-w", "\n%{http_code}"];
    const { stdout } = await run("curl", [...words, url("")], { anyCode: true });
    const [, text = "", status] = /^([^]*)\n(\d+)$/.exec(stdout) ?? [];
    return { status: Number(status), text };
  }

  const checks = async (): Promise<number> => {
    const journal = "journalctl --no-pager -o cat -u vmstation-autosleep.service";
    const { stdout } = await lab.control.exec(journal);
    return stdout.split("\n").filter((line) => line.startsWith("Finished")).length;
  };

  afterEach(function () {
    return lab.explain(this.currentTest);
  });

  before(async () => {
    rig = getRig();
    machine = rig.machine(NAME);
    lab = new PowerLab({
      rig,
      sleepers: { [NAME]: { mode: "sleeps" } },
      apps: listSleepingApps(rig),
    });
    await lab.prepare();
    await machine.exec(LIBRARY);
    await machine.exec(FEED);
    const key = await lab.perform(lab.control, lab.controller(), "apply");
    for (const [target, step] of lab.steps(key)) await lab.perform(target, step, "apply");
    await lab.control.exec(`vmstation-power-test.sh ${NAME}`);
  });

  after(() => {
    viewer?.kill();
  });

  it("finds nobody using it, and its machine asleep", async () => {
    await lab.reaches(NAME, "asleep");
    assert.equal(machine.state, "asleep");
    assert.equal(await lab.isCordoned(NAME), true);
    const direct = ["-sS", "--max-time", "1", `http://${machine.address}:8096/`];
    assert.notEqual((await run("curl", direct, { anyCode: true })).code, 0);
  });

  it("somebody opens the address they always open: a page says that it is waking", async () => {
    const seen = rig.magicPackets.length;
    const { status, text } = await browse();
    assert.equal(status, 503);
    assert.match(text, /<h1>Jellyfin is (waking up|starting)<\/h1>[^]*spruce/);
    assert.match(text, /http-equiv="refresh" content="20"/);
    const packet = await waitFor("a magic packet", () =>
      Promise.resolve(rig.magicPackets.slice(seen).find(({ mac }) => mac === machine.mac)),
    );
    assert.equal(packet.from, lab.control.address);
  });

  it("the page reloads until it is Jellyfin's own", async () => {
    const page = await waitFor(
      "Jellyfin's page",
      async () => {
        const shown = await browse();
        return shown.status === 200 && shown;
      },
      90_000,
    );
    assert.equal(page.text, "<title>Jellyfin</title>\n");
    assert.equal(machine.state, "on");
    await lab.reaches(NAME, "awake");
    assert.equal(await lab.isCordoned(NAME), false);
  });

  it("they watch a film, for longer than the machine may idle: it stays awake", async () => {
    const limits = ["-sS", "--limit-rate", "64k", "-o", "/dev/null"];
    viewer = spawn("curl", [...limits, url("film")], { stdio: "ignore" });
    const begin = await checks();
    // Five checks, five seconds apart, where five idle seconds would be enough.
    await waitFor("five more checks", async () => (await checks()) >= begin + 5, 90_000);
    assert.equal(viewer.exitCode, null);
    assert.equal(machine.state, "on");
    const { stdout } = await lab.control.exec("vmstation-power-state.sh");
    assert.match(stdout, /^spruce +awake .*jellyfin/m);
  });

  it("they leave, and it sleeps again", async () => {
    assert.ok(viewer);
    viewer.kill();
    await once(viewer, "exit");
    await lab.reaches(NAME, "asleep");
    assert.equal(machine.state, "asleep");
  });

  it("a program asks an app of the stack's file at its port: it waits, and has its answer", async () => {
    const port = CONFIGURED.feed.ports.http.nodePort;
    const words = ["-sS", "--max-time", "90", `http://${lab.control.address}:${port}/`];
    assert.equal((await run("curl", words)).stdout, "news\n");
    assert.equal(machine.state, "on");
    await lab.reaches(NAME, "awake");
  });
});
