import assert from "node:assert/strict";
import { parseHistory } from "../../../scripts/kit/pulumi/history";
import { type Evidence, judge } from "../../../scripts/verbs/promote/judge";
import { comparePins } from "../../../scripts/verbs/promote/pins";
import { parseStatus } from "../../../scripts/verbs/promote/repository";
import { parseValidation } from "../../../scripts/verbs/promote/validation";
import { homelabSite } from "../../support/site";
import { evidence, HISTORY, NEW, OLD, PASSED } from "./evidence";

const UNPUSHED = { commit: NEW, changed: ["index.ts"], tags: [] };
const FAILED = {
  status: "fail",
  checks: [
    { group: "pods", name: "crash loops", status: "fail", found: "jellyfin-0" },
    { group: "nodes", name: "ready", status: "pass", found: "all" },
  ],
};

/** Each reason for a refusal by itself: the code, what is so, and what the message says. */
const REFUSALS: readonly (readonly [string, Partial<Evidence>, RegExp])[] = [
  ["not-clean", { checkout: UNPUSHED }, /the working tree differs from its commit \(index\.ts\)/],
  ["no-update", { fromHistory: [] }, /^lab was never updated: npx vmstation up --stack lab$/],
  ["no-update", { fromHistory: HISTORY.destroyed }, /was destroy, not an update/],
  ["other-commit", { fromHistory: HISTORY.old }, /made from 54539ba0ee, and this is 67d01e2604/],
  ["uncommitted", { fromHistory: HISTORY.uncommitted }, /contained uncommitted changes/],
  ["unfinished", { fromHistory: HISTORY.failed }, /ended as failed/],
  ["unfinished", { fromHistory: running() }, /has not finished/],
  ["partial", { fromHistory: HISTORY.partial }, /was limited by --target/],
  ["no-commit", { fromHistory: withoutGit() }, /not made from a git checkout/],
  ["no-validation", { validation: undefined }, /lab has no readable output "validation"/],
  [
    "invalid",
    { validation: FAILED },
    /lab's validation says fail:\n {4}pods: crash loops: jellyfin-0$/,
  ],
  [
    "other-pins",
    { pins: [{ path: "a.b", from: "1", to: "2" }] },
    /vmstation:a\.b is 1 in lab and 2/,
  ],
  ["not-the-tag", { tag: { name: "v1", commit: OLD } }, /v1 is 54539ba0ee: git switch --detach v1/],
];

function running(): Evidence["fromHistory"] {
  return HISTORY.whole.map((entry, i) => (i === 0 ? { ...entry, result: "in-progress" } : entry));
}

function withoutGit(): Evidence["fromHistory"] {
  return HISTORY.whole.map((entry) => ({ ...entry, environment: {} }));
}

const codes = (found: Evidence): string[] => judge(found).map(({ code }) => code);

describe("a promotion", () => {
  it("is allowed where the last update was whole, of this commit, and its validation passed", () => {
    assert.deepEqual(judge(evidence()), []);
  });

  it("still is after a refresh, which changes nothing that was promoted", () => {
    assert.deepEqual(judge(evidence({ fromHistory: HISTORY.refreshed })), []);
  });

  for (const [code, change, message] of REFUSALS) {
    it(`is refused as ${code}, and for nothing else: ${message.source}`, () => {
      const [refusal, ...more] = judge(evidence(change));
      assert.deepEqual(more, []);
      assert.equal(refusal?.code, code);
      assert.match(refusal.message, message);
    });
  }

  it("names every reason at once", () => {
    const pins = [{ path: "a.b", from: "1", to: "2" }];
    const all = { checkout: UNPUSHED, fromHistory: HISTORY.old, validation: FAILED, pins };
    assert.deepEqual(codes(evidence(all)), ["not-clean", "other-commit", "invalid", "other-pins"]);
  });
});

describe("going back to a tag", () => {
  const tag = { name: "homelab-1", commit: OLD };
  const checkout = { commit: OLD, changed: [], tags: ["homelab-1"] };

  it("is allowed if the stack has run that commit to its end before, no matter what the first stack runs now", () => {
    assert.deepEqual(codes(evidence({ tag, checkout, toHistory: HISTORY.whole })), []);
    assert.deepEqual(
      codes(evidence({ tag, checkout, toHistory: HISTORY.old, validation: FAILED })),
      [],
    );
  });

  it("is allowed where the first stack runs that commit, as without a tag", () => {
    assert.deepEqual(codes(evidence({ tag, checkout, fromHistory: HISTORY.old })), []);
  });

  it("is refused where neither has: a failed, partial or uncommitted run does not count", () => {
    const head = { commit: NEW, changed: [], tags: ["homelab-2"] };
    const back = {
      tag: { name: "homelab-2", commit: NEW },
      checkout: head,
      fromHistory: HISTORY.old,
    };
    for (const toHistory of [[], HISTORY.old, HISTORY.failed.slice(0, 3)]) {
      assert.deepEqual(codes(evidence({ ...back, toHistory })), ["never-ran", "other-commit"]);
    }
    assert.deepEqual(codes(evidence({ ...back, toHistory: HISTORY.destroyed })), []);
  });

  it("is refused from a changed working tree, like everything", () => {
    const changed = { ...checkout, changed: ["index.ts"] };
    assert.deepEqual(codes(evidence({ tag, checkout: changed, toHistory: HISTORY.old })), [
      "not-clean",
    ]);
  });
});

describe("what is recorded", () => {
  it("is read as a validation if it is a document in a string; anything else is no validation", () => {
    const document = JSON.stringify({ ...PASSED, counts: { pass: 3 } });
    assert.deepEqual(parseValidation(JSON.stringify(document)), PASSED);
    for (const text of ["", '"[secret]"', '""', "{}", '"{\\"status\\":1}"', "null"]) {
      assert.equal(parseValidation(text), undefined, text);
    }
  });

  it("as a history is refused in another form, with what differs", () => {
    assert.throws(
      () => parseHistory("lab", '[{"version":"x"}]'),
      /cannot read the history of lab:[^]*version/,
    );
    assert.throws(() => parseHistory("lab", "no JSON"), /cannot read the history of lab:/);
    assert.deepEqual(parseHistory("lab", "[]"), []);
  });

  it("of a working tree are the paths as they are, a rename's new one alone", () => {
    const status = " M a b.ts\0R  new.ts\0old.ts\0?? un tracked\n.ts\0";
    assert.deepEqual(parseStatus(status), ["a b.ts", "new.ts", "un tracked\n.ts"]);
    assert.deepEqual(parseStatus(""), []);
  });
});

describe("the versions that a stack's file sets", () => {
  const homelab = homelabSite().config;

  it("differ by method, by Kubernetes version and by the game's version, and by nothing else", () => {
    assert.deepEqual(comparePins(homelab, homelabSite([["power", "idleAfter"], "3h"]).config), []);
    assert.deepEqual(
      comparePins(homelab, homelabSite([["bootstrap", "kubernetesVersion"], "1.34.2"]).config),
      [
        {
          path: "bootstrap.kubernetesVersion",
          from: homelab.bootstrap.kubernetesVersion,
          to: "1.34.2",
        },
      ],
    );
    const rke2 = comparePins(homelab, homelabSite([["bootstrap", "method"], "rke2"]).config);
    assert.deepEqual(
      rke2.map(({ path }) => path),
      ["bootstrap.method", "bootstrap.release"],
    );
  });

  it("of an app that only one of them has are no difference", () => {
    const minecraft = { machine: "hazel", eula: true };
    const one = homelabSite([["apps", "minecraft"], minecraft]).config;
    const other = homelabSite([["apps", "minecraft"], { ...minecraft, version: "1.21.4" }]).config;
    assert.deepEqual(comparePins(homelab, one), []);
    assert.deepEqual(
      comparePins(one, other).map(({ path, to }) => `${path} ${to}`),
      ["apps.minecraft.version 1.21.4"],
    );
  });
});
