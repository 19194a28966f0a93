import assert from "node:assert/strict";
import { renderDryRun, renderHolds } from "../../../scripts/verbs/hold/render";
import { renderOrder } from "../../../scripts/verbs/hold/run";
import { renderHours, renderTable, renderTime } from "../../../scripts/kit/controller/render-table";
import { renderResults, worst } from "../../../scripts/kit/controller/results";
import { renderSessionArgs } from "../../../components/remote/ssh-options";
import { IDLE, NOON } from "./support";

describe("the table of machines", () => {
  const machine = (name: string, changes: { sleeps?: boolean; offline?: boolean } = {}) => ({
    ...{ name, sleeps: true, offline: false },
    ...changes,
  });
  const clock = { now: NOON, timeZone: "UTC" };

  it("says what each machine does and why, always-on ones and unknown ones too", () => {
    const rows = [
      IDLE,
      {
        ...IDLE,
        ...({ machine: "far", state: "asleep", lastWakeAt: null, savedWattHours: null } as const),
        ...{ reasons: ["idle for 2:00"], holds: [{ why: "guests", until: NOON + 3600 }] },
      },
    ];
    const machines = [
      machine("control", { sleeps: false }),
      machine("box"),
      machine("far"),
      machine("new"),
      machine("gone", { offline: true }),
    ];
    assert.deepEqual(renderTable(machines, rows, clock).split("\n"), [
      "MACHINE  STATE    SINCE      NEXT CHECK  LAST WAKE         ASLEEP 7 D  SAVED    WHY",
      "control  awake    -          -           -                 -           -        always on",
      "box      idle     Fri 09:30  Fri 12:10   Thu 12:00 (42 s)  2:05        1235 Wh  idle for 1:30 of 2:00",
      "far      asleep   Fri 09:30  Fri 12:10   -                 2:05        -        idle for 2:00; held until Fri 13:00: guests",
      "new      unknown  -          -           -                 -           -        the power controller does not know it yet",
      "gone     offline  -          -           -                 -           -        the configuration says that it is offline",
      "",
    ]);
  });

  it("says reasons that have no room in the terminal below their machines, broken between words", () => {
    const reasons = ["cannot read whether jellyfin is in use", "ann is logged in", "held"];
    const args = { ...clock, columns: 80 };
    const table = renderTable([machine("box")], [{ ...IDLE, reasons }], args);
    assert.deepEqual(table.split("\n"), [
      "MACHINE  STATE  SINCE      NEXT CHECK  LAST WAKE         ASLEEP 7 D  SAVED",
      "box      idle   Fri 09:30  Fri 12:10   Thu 12:00 (42 s)  2:05        1235 Wh",
      "  cannot read whether jellyfin is in use; ann is logged in; held",
      "",
    ]);
  });

  it("says a hold once where it is the reason already, and lets nothing steer the terminal", () => {
    const row = {
      ...IDLE,
      reasons: ["held until Fri 13:00: gu\x1bests"],
      holds: [{ why: "gu\x1bests", until: NOON + 3600 }],
    };
    const line = renderTable([machine("box")], [row], clock).split("\n")[1] ?? "";
    assert.ok(line.endsWith("  held until Fri 13:00: gu\\x1bests"), line);
  });

  it("tells times in the LAN's time zone, with a date where a weekday would mislead", () => {
    assert.equal(renderTime(NOON, NOON, "Europe/Berlin"), "Fri 13:00");
    assert.equal(renderTime(NOON - 7 * 86_400, NOON, "UTC"), "26 Dec 12:00");
    assert.equal(renderHours(-5), "0:00");
  });
});

describe("results of orders", () => {
  it("say why where it was not done", () => {
    const refused = { ...IDLE, machine: "far", done: false, why: ["ann is logged in", "CPU 90%"] };
    assert.equal(
      renderResults([IDLE, refused], () => "asleep"),
      "box: asleep\nfar: no: ann is logged in; CPU 90%\n",
    );
  });

  it("end with the worst exit code", () => {
    assert.deepEqual([worst([]), worst([0, 1]), worst([1, 2, 0])], [0, 1, 2]);
  });
});

describe("a hold", () => {
  const order = (options: { for?: number; why?: string; release?: boolean }): unknown =>
    renderOrder({ release: false, ...options });

  it("has a length and a reason", () => {
    assert.deepEqual(order({ for: 5400, why: "a build" }), [
      ...["hold", "--for=5400s", "--why=a build"],
    ]);
    for (const options of [{}, { for: 60 }, { why: "x" }]) {
      assert.throws(() => order(options), /needs a length and a reason/);
    }
  });

  it("is released as a whole, or the one of a reason", () => {
    assert.deepEqual(order({ release: true }), ["release"]);
    assert.deepEqual(order({ release: true, why: "x" }), ["release", "--why=x"]);
  });

  it("is told with the state, for it wakes nobody", () => {
    const held = { ...IDLE, state: "asleep" as const, holds: [{ why: "guests", until: NOON }] };
    assert.match(renderHolds(held, "UTC"), /^box: asleep, held until .* \(guests\)\n$/);
    assert.equal(renderHolds(IDLE, "UTC"), "box: idle, not held\n");
  });

  it("is named for each machine in a dry run", () => {
    const machines = [{ name: "box" }, { name: "far" }];
    assert.equal(renderDryRun("release", machines), "would release box, far\n");
  });
});

describe("a session's ssh", () => {
  const args = (command: readonly string[], terminal: boolean): string[] =>
    renderSessionArgs(
      {
        ...{ machine: "box", host: "10.0.0.2", port: 2222, user: "ann" },
        ...{ connectTimeout: 5, knownHosts: "/tmp/a%b/hosts" },
      },
      { command, terminal },
    );

  it("accepts the pinned key alone and shares no connection", () => {
    const words = args([], true);
    for (const option of [
      ...["StrictHostKeyChecking=yes", 'UserKnownHostsFile="/tmp/a%%b/hosts"', "HostKeyAlias=box"],
      ...["GlobalKnownHostsFile=/dev/null", "ControlMaster=no", "ControlPath=none"],
    ]) {
      assert.equal(words[words.indexOf(option) - 1], "-o", option);
    }
    assert.deepEqual(words.slice(-6), ["-p", "2222", "-l", "ann", "--", "10.0.0.2"]);
    assert.ok(!words.includes("BatchMode=yes"));
  });

  it("gives a command a terminal where this end is one, and passes its words on", () => {
    assert.equal(args(["top", "-d", "1"], true)[0], "-t");
    assert.notEqual(args(["top"], false)[0], "-t");
    assert.notEqual(args([], true)[0], "-t");
    assert.deepEqual(args(["top", "-d", "1"], false).slice(-4), ["10.0.0.2", "top", "-d", "1"]);
  });
});
