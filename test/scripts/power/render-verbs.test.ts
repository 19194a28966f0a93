import assert from "node:assert/strict";
import {
  renderTest,
  renderSpunDown as renderBelowTable,
} from "../../../scripts/verbs/power/render";
import { renderSleep } from "../../../scripts/verbs/sleep/render";
import { renderNext, renderSpunDown } from "../../../scripts/verbs/spin-down/render";
import { renderPressButton, renderSpunUp } from "../../../scripts/verbs/spin-up/render";
import { renderNotWoken, renderWaking } from "../../../scripts/verbs/ssh/render";
import { renderLook, renderWoken } from "../../../scripts/verbs/wake/render";

const step = (machine: string, ...why: string[]) => ({ machine, done: why.length === 0, why });

describe("what power says", () => {
  it("names the verb that ends a spin-down, below the table", () => {
    assert.match(
      renderBelowTable("mine", [{ spunDown: false }, { spunDown: true }]),
      /: npx vmstation spin-up --stack mine\n$/,
    );
    assert.equal(renderBelowTable("mine", [{ spunDown: false }]), "");
  });

  it("tells of a wake test how long each machine took, or what a test would do", () => {
    const results = [
      { ...step("box"), lastWakeSeconds: 41.6 },
      { ...step("far", "ann is logged in"), lastWakeSeconds: null },
    ];
    assert.equal(
      renderTest(results, false),
      "box: the wake test passed: asleep, woken by a magic packet, Ready after 42 s\n" +
        "far: no: ann is logged in\n",
    );
    assert.match(renderTest(results, true), /^box: would be put to sleep and woken\nfar: no: /);
  });
});

describe("what sleep says", () => {
  it("is the state, or what would be the state", () => {
    const results = [step("box"), step("far", "CPU 90%")];
    assert.equal(renderSleep(results, false), "box: asleep\nfar: no: CPU 90%\n");
    assert.equal(renderSleep(results, true), "box: would sleep\nfar: no: CPU 90%\n");
  });
});

describe("what wake says", () => {
  const woken = [
    { ...step("box"), by: "controller" as const, seconds: 12.4 },
    { ...step("far"), by: "magic packet" as const, seconds: 30 },
  ];

  it("is in service where the controller woke it, and only answers SSH where a packet did", () => {
    assert.equal(
      renderWoken(woken, true),
      "box: awake and in service after 12 s\nfar: its SSH answers after 30 s\n",
    );
  });

  it("is not that a machine is up where nobody waited for it", () => {
    assert.match(renderWoken(woken, false), /^box: a magic packet was sent, unless/);
  });

  it("is in a dry run whether there is anything to wake", () => {
    assert.equal(renderLook({ machine: "box", answers: true }), "box: is up\n");
    assert.equal(renderLook({ machine: "box", answers: false }), "box: would be woken\n");
  });

  it("is for a session that cannot begin why the machine did not wake", () => {
    assert.equal(renderWaking("box"), "waking box\n");
    assert.equal(renderNotWoken("box", ["no SSH", "held"]), "box did not wake: no SSH; held");
  });
});

describe("what spin-down and spin-up say", () => {
  it("keeps a warning beside a machine that is off", () => {
    const warned = { machine: "box", done: true, why: ["eno1 does not support Wake-on-LAN"] };
    assert.equal(renderNext("box"), "box: power off\n");
    assert.equal(renderSpunDown([warned], true), "box: off; eno1 does not support Wake-on-LAN\n");
    assert.match(renderSpunDown([warned], false), /^box: could go down; /);
  });

  it("asks a person to start what no packet starts", () => {
    assert.equal(renderPressButton("box"), "box: press its power button\n");
    assert.equal(renderSpunUp([step("box"), step("far", "no SSH")]), "box: up\nfar: no: no SSH\n");
  });
});
