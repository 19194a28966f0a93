import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { z } from "zod";
import { appsChecks } from "../../../components/apps/facts";
import { withConfigured } from "../../support/fixtures/apps/configured/apps";
import { homelabSite } from "../../support/site";
import { CHECKS } from "./run-checks";

const JUDGE = `
import json, sys
sys.path.insert(0, sys.argv[1])
import check_apps
from result import Observations
given = json.load(sys.stdin)
found = []
for sources in given["states"]:
    seen = Observations({name: {"ok": {"items": items}} for name, items in sources.items()})
    found.append([c.as_dict() for c in check_apps.check(seen, {"apps": given["apps"]}, 0)])
print(json.dumps(found))
`;

const results = z.array(
  z.array(z.object({ name: z.string(), status: z.string(), found: z.string() })),
);

interface State {
  readonly pods: readonly object[];
  readonly services: readonly object[];
}

const pod = (namespace: string, more: object = {}, spec: object = {}) => ({
  metadata: { name: "a", namespace, labels: { "vmstation.io/app": namespace }, ...more },
  spec: { nodeName: "hazel", ...spec },
  status: { phase: "Running" },
});

const service = (namespace: string, name: string, spec: object, annotations = {}) => ({
  metadata: { name, namespace, annotations },
  spec,
});

const GOOD: State = {
  pods: [
    pod("feed", {}, { volumes: [{ hostPath: { path: "/var/lib/feed/inbox" } }] }),
    pod("monitoring", {}, { nodeName: "maple" }),
  ],
  services: [service("feed", "feed", { type: "NodePort", ports: [{ nodePort: 30_081 }] })],
};

/** Each has one fault. */
const BAD: readonly State[] = [
  { ...GOOD, pods: [pod("feed", {}, { nodeName: "maple" })] },
  { ...GOOD, pods: [pod("feed", { labels: {} })] },
  { ...GOOD, pods: [pod("feed", {}, { volumes: [{ hostPath: { path: "/var/lib/feeds" } }] })] },
  { ...GOOD, services: [service("feed", "feed", { type: "LoadBalancer" })] },
  {
    ...GOOD,
    services: [service("feed", "admin", { type: "NodePort", ports: [{ nodePort: 30_081 }] })],
  },
  {
    ...GOOD,
    services: [
      service("default", "x", {}, { "meta.helm.sh/release-namespace": "whoami" }),
      ...GOOD.services,
    ],
  },
];

describe("vmstation validate apps", () => {
  const apps = appsChecks(homelabSite(...withConfigured).apps);
  const input = JSON.stringify({ apps, states: [GOOD, ...BAD] });
  const ran = spawnSync("python3", ["-B", "-c", JUDGE, CHECKS], { encoding: "utf8", input });
  const found = (): string[][] => {
    assert.equal(ran.status, 0, ran.stderr);
    return results
      .parse(JSON.parse(ran.stdout))
      .map((checks) =>
        checks.map(({ name, status, found: text }) => `${name}: ${status}: ${text}`),
      );
  };

  it("passes where what a chart or a folder has made stays in its frame", () => {
    assert.deepEqual(found()[0], [
      "frames: pass: 1 pods",
      "ports: pass: 1 Services",
      "namespaces: pass: 3 apps",
    ]);
  });

  it("names each thing that has left it", () => {
    const failed = found()
      .slice(1)
      .map((checks) => checks.filter((check) => !check.includes(": pass: ")));
    assert.deepEqual(failed, [
      ["frames: fail: feed/a: on maple, not on hazel"],
      ["frames: fail: feed/a: without the app's label"],
      ["frames: fail: feed/a: the hostPath /var/lib/feeds"],
      ["ports: fail: feed/feed: type LoadBalancer"],
      ["ports: fail: feed/admin: type NodePort, port 30081"],
      ["namespaces: fail: default/x of the app whoami"],
    ]);
  });

  it("is left out where the configuration has no such app", () => {
    assert.equal(appsChecks(homelabSite().apps), undefined);
  });
});
