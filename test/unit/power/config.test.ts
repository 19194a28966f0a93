import assert from "node:assert/strict";
import fc from "fast-check";
import { machinePowerSchema, powerSchema } from "../../../components/power/config";
import { powerFacts } from "../../../components/power/facts";
import { COMPUTE, CONTROL, JELLYFIN, STORAGE } from "./fixtures";

function messages(written: unknown): string[] {
  const result = powerSchema.safeParse(written);
  return result.success
    ? []
    : result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}

describe("the power configuration", () => {
  it("defaults to a check every 15 minutes and sleep after 2 hours, first 5 minutes after boot", () => {
    const { checkEvery, idleAfter, firstCheckAfterBoot } = powerSchema.parse(undefined);
    assert.deepEqual([checkEvery, idleAfter, firstCheckAfterBoot], [900, 7200, 300]);
  });

  it("defaults a machine to always-on", () => {
    assert.deepEqual(machinePowerSchema.parse(undefined), { mode: "always-on" });
  });

  it("refuses settings of a sleeper on a machine that is always on", () => {
    assert.equal(
      machinePowerSchema.safeParse({ mode: "always-on", method: "suspend" }).success,
      false,
    );
  });

  it("says what is accepted", () => {
    assert.deepEqual(messages({ checkEvery: "3h" }), [
      "checkEvery: a duration no longer than power.idleAfter",
    ]);
    assert.deepEqual(messages({ firstCheckAfterBoot: "3h" }), [
      "firstCheckAfterBoot: a duration no longer than power.idleAfter",
    ]);
    assert.deepEqual(messages({ quietHours: [{ from: "24:00", until: "6:00" }] }), [
      "quietHours.0.from: a time of day such as 23:30 (quoted in YAML)",
      "quietHours.0.until: a time of day such as 23:30 (quoted in YAML)",
    ]);
    assert.deepEqual(messages({ quietHours: [{ from: "06:00", until: "06:00" }] }), [
      "quietHours.0: two different times of day",
    ]);
  });

  it("refuses a machine that draws more asleep than awake", () => {
    const written = { mode: "sleeps", watts: { awake: 5, asleep: 80 } };
    assert.equal(machinePowerSchema.safeParse(written).success, false);
  });

  it("accepts every time of day and no other", () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(99), (hour, minute) => {
        const two = (n: number): string => String(n).padStart(2, "0");
        const from = `${two(hour)}:${two(minute)}`;
        const until = from === "12:00" ? "13:00" : "12:00";
        const valid = hour < 24 && minute < 60;
        assert.equal(powerSchema.safeParse({ quietHours: [{ from, until }] }).success, valid);
      }),
    );
  });
});

describe("what the power layer asks of machines", () => {
  const config = powerSchema.parse(undefined);
  const context = {
    machines: [COMPUTE, CONTROL, STORAGE],
    controller: "control",
    sleepingApps: [JELLYFIN],
  };

  it("opens the advertised ports on the controller to the LAN", () => {
    assert.deepEqual(powerFacts(config, context).firewall, [
      {
        machines: ["control"],
        purpose: "jellyfin, held while its machine sleeps",
        protocol: "tcp",
        ports: [30_920, 30_096],
        from: ["lan"],
      },
    ]);
  });

  it("names the BMC's password and what is left out without it", () => {
    assert.deepEqual(powerFacts(config, context).secrets, [
      {
        path: "machines.compute.bmc.passwordSecret",
        name: "bmcPassword",
        leftOut: "IPMI as a second way to wake compute",
      },
    ]);
  });

  it("asks for ipmitool only where a sleeper has a BMC", () => {
    const controllers = (machines: (typeof COMPUTE)[]): readonly string[] =>
      powerFacts(config, { ...context, machines, sleepingApps: [] }).packages?.[0]?.debian ?? [];
    assert.ok(controllers(context.machines).includes("ipmitool"));
    assert.ok(!controllers([CONTROL, STORAGE]).includes("ipmitool"));
  });

  it("asks for nothing where no machine sleeps", () => {
    const facts = powerFacts(config, { ...context, machines: [CONTROL], sleepingApps: [] });
    assert.deepEqual(facts, { placements: [] });
  });

  it("points at a calendar's machines, so that an unknown one is found", () => {
    const calendar = [{ machines: ["storage", "stroage"], from: "18:00", until: "23:00" }];
    assert.deepEqual(powerFacts(powerSchema.parse({ calendar }), context).placements, [
      { path: "power.calendar[0].machines[0]", machine: "storage" },
      { path: "power.calendar[0].machines[1]", machine: "stroage" },
    ]);
  });
});
