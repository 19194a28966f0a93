import assert from "node:assert/strict";
import * as fc from "fast-check";
import { z } from "zod";
import { python } from "./python";

interface Member {
  readonly roles: readonly string[];
  readonly key: string | null;
  readonly offline: boolean;
}

interface Case {
  readonly before: Readonly<Record<string, Member>>;
  readonly after: Readonly<Record<string, Member>>;
  readonly rules: {
    readonly controller: string;
    readonly allowRemoval: boolean;
    readonly learners: boolean;
    readonly leavesFirst: boolean;
  };
  /** Machines that are seen to be dead. */
  readonly dead: readonly string[];
}

const change = z.object({
  ...{ joins: z.boolean(), machine: z.string(), member: z.boolean(), alive: z.boolean() },
  ...{ why: z.string(), text: z.string() },
});
const outcome = z.union([
  z.object({ refused: z.string(), advice: z.string() }),
  z.object({ changes: z.array(change) }),
]);

const PLAN = `
from members import Refused, changes, describe
def outcome(case):
    try:
        planned = changes(case["before"], case["after"], case["rules"], case["dead"])
        return {"changes": [one | {"text": describe(one)} for one in planned]}
    except Refused as refusal:
        return {"refused": str(refusal), "advice": refusal.advice}
answer = [outcome(case) for case in given]
`;

const planAll = (cases: readonly Case[]) => z.array(outcome).parse(python(PLAN, cases));

const CONTROL = ["control-plane", "etcd"];
const control = (key: string | null = null, offline = false): Member => ({
  ...{ roles: CONTROL, key, offline },
});
const worker: Member = { roles: ["worker"], key: null, offline: false };
const RULES = { controller: "a", allowRemoval: true, learners: true, leavesFirst: false };

function plan(before: Case["before"], after: Case["after"], more: Partial<Case> = {}): string[] {
  const [one] = planAll([{ before, after, rules: RULES, dead: [], ...more }]);
  assert.ok(one);
  return "refused" in one ? [`refused: ${one.refused}`] : one.changes.map(({ text }) => text);
}

describe("machines that leave a cluster and join it", () => {
  const three = { a: control("1"), b: control("2"), c: control("3") };

  it("are none where nothing changed, and those that join where some do", () => {
    assert.deepEqual(plan(three, three), []);
    assert.deepEqual(plan({ a: control() }, three), [
      "b joins, as a member of etcd too (it joined the configuration)",
      "c joins, as a member of etcd too (it joined the configuration)",
    ]);
  });

  it("are a dead control plane and the new machine in its place", () => {
    assert.deepEqual(plan(three, { ...three, c: control("new") }), [
      "c is not asked, as it does not run, etcd forgets its member, its Node is deleted (another machine has its place)",
      "c joins, as a member of etcd too (it is a new machine)",
    ]);
  });

  it("are a worker that becomes a control plane: it leaves whole and joins again", () => {
    const before = { a: control(), b: control(), c: worker };
    assert.deepEqual(plan(before, { ...before, c: control() }), [
      "c is drained, its Node is deleted (it joins again with its new roles)",
      "c joins, as a member of etcd too (it was a worker)",
    ]);
  });

  it("leave after others have joined, and first where they are dead", () => {
    const after = { a: three.a, d: control(), e: control() };
    assert.deepEqual(
      plan({ ...three, c: control("3", true) }, after).map((text) => text.split(" ")[0]),
      ["d", "e", "c", "b"],
    );
  });

  it("are refused where etcd would lose its majority, in words that say which machines run", () => {
    const cDead = { ...three, c: control("3", true) };
    assert.deepEqual(plan(cDead, { a: three.a, c: cDead.c }), [
      "refused: without b etcd would have no majority: 1 of 2 members run (a)",
    ]);
    assert.deepEqual(plan(three, { ...three, b: control("x"), c: control("y") }), [
      "refused: etcd has no majority now: 1 of 3 members run (a)",
    ]);
    const plain = { rules: { ...RULES, learners: false, leavesFirst: true } };
    assert.deepEqual(plan({ a: control() }, three, plain), [
      "refused: until b runs etcd would have no majority: 1 of 2 members run (a)",
    ]);
    assert.equal(plan(three, { ...three, d: control(), e: control() }, plain).length, 2);
  });

  it("are refused where the controller would leave, a control plane change its roles, or nobody allowed it", () => {
    const first = ([text = ""]: readonly string[]) => text;
    assert.match(
      first(plan(three, { b: three.b, c: three.c })),
      /a is the controller, .* cannot leave/,
    );
    assert.match(
      first(plan(three, { ...three, c: worker })),
      /c had the roles control-plane, etcd/,
    );
    const fewer = { a: three.a, b: three.b };
    const rules = { ...RULES, allowRemoval: false };
    assert.match(
      first(plan(three, fewer, { rules })),
      /c left the configuration and would be drained/,
    );
  });

  const NAMES = ["a", "b", "c", "d", "e", "f", "g"];
  const anyMember = fc.record({
    roles: fc.constantFrom(CONTROL, CONTROL, ["worker"], ["etcd"], ["control-plane"]),
    key: fc.constantFrom(null, "1", "1", "1", "2"),
    offline: fc.constantFrom(false, false, false, true),
  });
  const anyMachines = fc.dictionary(fc.constantFrom(...NAMES), anyMember, { maxKeys: 7 });
  /** Mostly a cluster and a few changes of it: two clusters of nothing in common are refused in a moment. */
  const anyCase: fc.Arbitrary<Case> = fc
    .record({
      before: anyMachines,
      changed: anyMachines,
      kept: fc.subarray(NAMES, { minLength: 3 }),
      dead: fc.subarray(NAMES, { maxLength: 2 }),
      allowRemoval: fc.constantFrom(true, true, true, false),
      playbooks: fc.boolean(),
    })
    .map(({ before, changed, kept, dead, allowRemoval, playbooks }) => {
      const a: Member = { roles: CONTROL, key: "1", offline: false };
      const there = { ...before, a };
      const stays = Object.entries(there).filter(
        ([name]) => kept.includes(name) && !(name in changed),
      );
      const rules = { ...RULES, allowRemoval, learners: !playbooks, leavesFirst: playbooks };
      return { before: there, after: { ...changed, ...Object.fromEntries(stays), a }, rules, dead };
    });

  /** Each member by itself: one that has joined without being a learner has a vote and does not run yet. */
  function simulate(
    { before, after, rules, dead }: Case,
    changes: readonly z.infer<typeof change>[],
  ): void {
    const isNew = (name: string): boolean => {
      const [was, is] = [before[name]?.key ?? null, after[name]?.key ?? null];
      return was !== null && is !== null && was !== is && after[name]?.offline === false;
    };
    const down = (name: string): boolean =>
      dead.includes(name) ||
      before[name]?.offline === true ||
      after[name]?.offline === true ||
      isNew(name);
    const members = Object.keys(before).filter((name) => before[name]?.roles.includes("etcd"));
    const voters = new Map(members.map((name) => [name, !down(name)]));
    const hasMajority = (): boolean =>
      [...voters.values()].filter(Boolean).length * 2 > voters.size;
    const touches = changes.some(({ member }) => member);
    assert.ok(!touches || hasMajority(), "at the start");
    // The worst order: no member runs before all are announced.
    const late: string[] = [];
    for (const { joins, machine, member } of changes.filter((one) => one.member)) {
      if (!joins) assert.ok(voters.delete(machine), machine);
      else if (rules.learners) voters.set(machine, true);
      else {
        voters.set(machine, false);
        late.push(machine);
      }
      assert.ok(hasMajority(), `${joins ? "joins" : "leaves"} ${machine} ${member}`);
    }
    for (const name of late) voters.set(name, true);
    // One that is away stays as it was; one that is dead and was never there does not join.
    const wanted = Object.entries(after).filter(([name, { roles, offline }]) => {
      if (offline) return members.includes(name);
      return roles.includes("etcd") && (name in before || !dead.includes(name));
    });
    assert.deepEqual([...voters.keys()].sort(), wanted.map(([name]) => name).sort());
  }

  it("never leave etcd without a majority where the change is accepted, member by member", () => {
    const cases = fc.sample(anyCase, Number(process.env.VMSTATION_CASES ?? 3000));
    const outcomes = planAll(cases);
    let accepted = 0;
    outcomes.forEach((one, i) => {
      const its = cases[i];
      assert.ok(its);
      if ("refused" in one) return;
      if (one.changes.some(({ member }) => member)) accepted += 1;
      try {
        simulate(its, one.changes);
      } catch (error) {
        throw new Error(`${String(error)} ${JSON.stringify([its, one.changes])}`, { cause: error });
      }
    });
    assert.ok(accepted > cases.length / 20, `only ${accepted} accepted changes of etcd's members`);
  });
});
