import assert from "node:assert/strict";
import { checkConfig } from "../../../stacks/check";
import { renderProblems } from "../../../stacks/errors";
import { stackSchema } from "../../../stacks/schema";
import { CONFIGURED } from "../../support/fixtures/apps/configured/apps";
import { changedHomelab, homelabValues } from "../../support/homelab";
import { REJECTED_APPS } from "./rejected-apps";
import { REJECTED_FOLDERS } from "./rejected-folders";
import { REJECTED_HOSTS } from "./rejected-hosts";
import { REJECTED_HYPERVISOR } from "./rejected-hypervisor";
import { REJECTED_KEYS } from "./rejected-keys";
import { REJECTED_MACHINES } from "./rejected-machines";
import { REJECTED_NAMES } from "./rejected-names";
import { REJECTED_NODE_NETWORK } from "./rejected-node-network";
import { REJECTED_ON_MACHINES } from "./rejected-on-machines";
import { REJECTED_OWNERS } from "./rejected-owners";
import { REJECTED_PLATFORM } from "./rejected-platform";
import { REJECTED_STORAGE } from "./rejected-storage";
import { REJECTED_ENDPOINTS } from "./rejected-endpoint";
import { REJECTED_TAILNET } from "./rejected-tailnet";
import { REJECTED_TUNNEL } from "./rejected-tunnel";
import { REJECTED_TWINS } from "./rejected-twins";
import { REJECTED_VALUES } from "./rejected-values";
import { REJECTED_VAULTS } from "./rejected-vaults";
import { machine } from "./rejection";

const GITOPS = {
  ...{ machine: "maple", repository: "https://git.example.org/me/home.git" },
  namespaces: ["mqtt"],
};

describe("a configuration is refused for", () => {
  const all = [
    ...[...REJECTED_KEYS, ...REJECTED_MACHINES, ...REJECTED_ON_MACHINES],
    ...[...REJECTED_FOLDERS, ...REJECTED_VALUES, ...REJECTED_ENDPOINTS],
    ...[...REJECTED_HOSTS, ...REJECTED_HYPERVISOR],
    ...[...REJECTED_OWNERS, ...REJECTED_PLATFORM, ...REJECTED_STORAGE, ...REJECTED_NAMES],
    ...[...REJECTED_TAILNET, ...REJECTED_TUNNEL, ...REJECTED_APPS, ...REJECTED_VAULTS],
    ...[...REJECTED_TWINS, ...REJECTED_NODE_NETWORK],
  ];
  for (const rejection of all) {
    it(rejection.name, () => {
      const { site, problems } = checkConfig(changedHomelab(...rejection.changes));
      assert.equal(site, undefined);
      const at = problems.filter((problem) => problem.path === rejection.path);
      assert.ok(
        at.some((p) => rejection.found.test(p.found) && rejection.accepted.test(p.accepted)),
        renderProblems("test", problems),
      );
    });
  }

  it("a secret inside a structured key", () => {
    const { problems } = checkConfig({ ...changedHomelab(), secretKeys: ["machines"] });
    assert.deepEqual(
      problems.map((problem) => problem.path),
      ["machines"],
    );
  });

  it("everything that is wrong, at once", () => {
    const { problems } = checkConfig(
      changedHomelab(
        [machine("hazel", "mac"), "nonsense"],
        [["power", "idleAfter"], "soon"],
        [["node", "timeSever"], "maple"],
      ),
    );
    assert.deepEqual(problems.map((problem) => problem.path).sort(), [
      "machines.hazel.mac",
      "node.timeSever",
      "power.idleAfter",
    ]);
    const text = renderProblems("homelab", problems);
    assert.match(text, /^3 mistakes in the configuration of stack homelab; nothing was touched\./);
    assert.match(
      text,
      / {2}vmstation:power\.idleAfter\n {4}found {4}"soon"\n {4}accepted a duration/,
    );
  });

  it("what is wrong across layers beside what is wrong by itself", () => {
    const { problems } = checkConfig(
      changedHomelab(
        [["power", "checkEvry"], "1h"],
        [["monitoring", "grafana"], { nodePort: 3100 }],
        [machine("hazel", "mac"), "02:00:00:00:08:61"],
        [machine("maple", "roles"), ["etcd"]],
        [["node", "timeServer"], "hazel"],
      ),
    );
    assert.deepEqual(problems.map((problem) => problem.path).sort(), [
      "machines",
      "machines.spruce.mac",
      "monitoring.grafana.nodePort",
      "node.timeServer",
      "power.checkEvry",
    ]);
  });

  it("what is wrong with the other apps, beside one that is none yet", () => {
    const { problems } = checkConfig(
      changedHomelab(
        [["apps", "board"], { ...CONFIGURED.board, kind: "kustomise" }],
        [["apps", "notes"], { ...CONFIGURED.board, machine: undefined }],
        [["apps", "feed"], { ...CONFIGURED.feed, machine: "hazle" }],
        [["gitops"], { ...GITOPS, apps: { board: "prepared", wiki: "prepared" } }],
      ),
    );
    assert.deepEqual(problems.map(({ path }) => path).sort(), [
      "apps.board.kind",
      "apps.feed.machine",
      "apps.feed.secrets.feed.token",
      "apps.notes.machine",
      "gitops.apps.wiki",
    ]);
    const [kind] = problems.filter(({ path }) => path === "apps.board.kind");
    assert.equal(kind?.accepted, "one of chart, kustomize, manifests; did you mean kustomize?");
  });

  it("the key that is wrong and no other, whichever it is", () => {
    const keys = listKeys(homelabValues());
    assert.ok(keys.length > 100);
    for (const nonsense of [{ no: "sense" }, "no sense"]) {
      for (const key of keys) {
        const changed = changedHomelab([key, nonsense]);
        if (stackSchema.safeParse(changed.values).success) continue;
        const { problems } = checkConfig(changed);
        const own = key.join(".");
        assert.ok(
          problems.every(({ path }) => path.startsWith(own) || own.startsWith(`${path}.`)),
          renderProblems(own, problems),
        );
      }
    }
  });
});

/** The path of every key of the configuration, outer ones among them. */
function listKeys(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [...path, key],
    ...listKeys(inner, [...path, key]),
  ]);
}
