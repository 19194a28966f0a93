import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { z } from "zod";
import { powerSchema } from "../../../components/power/config";
import { isSleeper, type Sleeper } from "../../../components/power/names";
import { renderKubeconfig } from "../../../components/power/render-account";
import { renderAgentSettings, renderLink } from "../../../components/power/render-machine";
import { renderSettings } from "../../../components/power/render-settings";
import { renderSocket, renderTimer } from "../../../components/power/render-units";
import { agentStep } from "../../../components/power/steps";
import { readScript } from "../../../components/remote/step";
import { POWER_MODULES } from "../../support/python";
import { COMPUTE, JELLYFIN, LAN, STORAGE } from "./fixtures";

const sleepers: Sleeper[] = [COMPUTE, STORAGE].filter(isSleeper);
const [compute, storage] = sleepers;
assert.ok(compute !== undefined && storage !== undefined);

describe("power.json", () => {
  const config = powerSchema.parse({
    quietHours: [{ from: "23:00", until: "06:00" }],
    calendar: [{ machines: ["storage"], days: ["fri"], from: "18:00", until: "23:00" }],
  });
  const render = (hasSecret = true): unknown =>
    JSON.parse(
      renderSettings({ config, lan: LAN, sleepers, apps: [JELLYFIN], hasSecret: () => hasSecret }),
    );

  it("gives each machine its own values and the stack's where it has none", () => {
    assert.deepEqual(Reflect.get(Object(render()), "machines"), [
      {
        name: "compute",
        address: "192.168.8.62",
        sshPort: 2222,
        mac: "02:00:00:00:08:62",
        offline: false,
        storage: false,
        method: "poweroff",
        evict: false,
        idleAfter: 3600,
        wakeTimeout: 600,
        sleepTimeout: 300,
        checkEvery: 900,
        minimumAwake: 1800,
        minimumAsleep: 600,
        maxChangesPerDay: 12,
        testEvery: 604_800,
        thresholds: { cpu: 0.15, network: 204_800, disk: 1_048_576 },
        timeZone: "UTC",
        quietHours: [{ from: "23:00", until: "06:00" }],
        calendar: [],
        bmc: {
          address: "192.168.8.60",
          user: "root",
          passwordFile: "/etc/vmstation/power/bmc-compute",
        },
        apps: [],
      },
      {
        name: "storage",
        address: "192.168.8.61",
        sshPort: 22,
        mac: "02:00:00:00:08:61",
        offline: false,
        storage: true,
        method: "suspend",
        evict: false,
        idleAfter: 7200,
        wakeTimeout: 300,
        sleepTimeout: 300,
        checkEvery: 900,
        minimumAwake: 1800,
        minimumAsleep: 600,
        maxChangesPerDay: 12,
        testEvery: 604_800,
        thresholds: { cpu: 0.15, network: 204_800, disk: 1_048_576 },
        timeZone: "UTC",
        quietHours: [{ from: "23:00", until: "06:00" }],
        calendar: [{ days: ["fri"], from: "18:00", until: "23:00" }],
        watts: { awake: 80, asleep: 4 },
        apps: ["jellyfin"],
      },
    ]);
  });

  it("leaves out the BMC and the probe's key while their secrets are not set", () => {
    const text = JSON.stringify(render(false));
    assert.ok(!text.includes("passwordFile") && !text.includes("keyFile"));
  });

  it("is read by the controller, which shows a row for each machine", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "power-"));
    try {
      const file = path.join(folder, "power.json");
      const settings: unknown = { ...Object(render()), stateDirectory: folder };
      fs.writeFileSync(file, JSON.stringify(settings));
      const main = path.join(__dirname, "../../../components/power/files/lib/main.py");
      const shown = execFileSync(
        "python3",
        ["-B", main, "--config", file, "power-state", "--json"],
        { env: { ...process.env, PYTHONPATH: POWER_MODULES.join(":") } },
      );
      const rows = z
        .array(z.object({ machine: z.string(), state: z.string() }))
        .parse(JSON.parse(shown.toString()));
      assert.deepEqual(
        rows.map((row) => [row.machine, row.state]),
        [
          ["compute", "awake"],
          ["storage", "awake"],
        ],
      );
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});

describe("what a sleeping machine gets", () => {
  it("arms Wake-on-LAN by MAC address and names the NIC as before", () => {
    const lines = renderLink("02:00:00:00:08:61").split("\n");
    assert.ok(lines.includes("PermanentMACAddress=02:00:00:00:08:61"));
    assert.ok(lines.includes("WakeOnLan=magic"));
    assert.ok(lines.includes("NamePolicy=keep kernel database onboard slot path"));
  });

  it("sets the alarm of a wake test to after the test's own end", () => {
    const settings: unknown = JSON.parse(
      renderAgentSettings(compute, powerSchema.parse(undefined)),
    );
    assert.deepEqual(settings, {
      nic: "eno1",
      mac: compute.mac,
      agentUser: "vmstation-power",
      exports: [],
      alarm: 604_800,
      testAlarm: 1500,
    });
  });
});

describe("what the controller gets", () => {
  it("looks first some time after boot and then again and again", () => {
    const timer = renderTimer({ checkEvery: 900, firstCheckAfterBoot: 300 });
    assert.match(timer, /^OnBootSec=300\nOnUnitActiveSec=900\n/m);
  });

  it("listens on each advertised port once", () => {
    const listens = renderSocket([JELLYFIN])
      .split("\n")
      .filter((l) => l.startsWith("ListenStream"));
    assert.deepEqual(listens, ["ListenStream=30096", "ListenStream=30920"]);
  });

  it("keeps its ports however often their service ends", () => {
    assert.match(renderSocket([JELLYFIN]), /^TriggerLimitIntervalSec=0$/m);
    for (const name of ["connect", "event-wake"]) {
      const unit = readScript(
        path.join(__dirname, "../../../components/power"),
        `files/units/vmstation-${name}.service`,
      );
      assert.match(unit, /^\[Unit\][^[]*^StartLimitIntervalSec=0$/m, name);
      assert.match(unit, /^Restart=always$/m, name);
    }
  });

  it("ends a sleeper's connections to the API server after each sleep, and no others", () => {
    const { files = [] } = agentStep(storage, powerSchema.parse(undefined), 7443);
    const unit = files.find(({ path: file }) => file.endsWith("/vmstation-resume.service"));
    const filter = /ss -K '(.*)'"$/m.exec(unit?.content ?? "")?.[1];
    assert.equal(filter, "dport = :7443 or dport = :6444 or dport = :9345");
    assert.match(unit?.content ?? "", /^After=suspend\.target$[^]*^WantedBy=suspend\.target$/m);
  });

  it("has a kubeconfig that kubectl reads as YAML's subset JSON", () => {
    const token = Buffer.from("t").toString("base64");
    const parsed: unknown = JSON.parse(
      renderKubeconfig("https://192.168.8.63:6443", { "ca.crt": "Q0E=", token }),
    );
    assert.deepEqual(Reflect.get(Object(parsed), "users"), [
      { name: "power", user: { token: "t" } },
    ]);
    assert.throws(() => renderKubeconfig("https://x", {}), /not filled in/);
  });
});
