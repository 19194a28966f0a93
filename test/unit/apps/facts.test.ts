import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { appsFacts, sleepingApps } from "../../../components/apps/facts";
import { planApps } from "../../../components/apps/plan-apps";
import { renderLabels, renderPlacement } from "../../../components/apps/frame/placement";
import { readScript } from "../../../components/remote/step";
import { appsConfig, appSite } from "./settings";

const MARKS = path.join(__dirname, "../../../components/shared/files/marks.py");
const JELLYFIN = path.join(__dirname, "../../../components/apps/jellyfin");
const config = appsConfig({ jellyfin: { apiKeySecret: "jellyfinApiKey" } });
const plans = planApps(config, appSite);
const facts = appsFacts(plans, appSite);

describe("what the apps say of themselves", () => {
  it("names every NodePort with its key", () => {
    assert.deepEqual(facts.nodePorts, [
      { path: "apps.jellyfin.nodePort", port: 30_096 },
      { path: "apps.jellyfin.tlsNodePort", port: 30_920 },
      { path: "apps.minecraft.nodePort", port: 30_565 },
    ]);
  });

  it("places data on the app's machine, to sleep with it", () => {
    assert.deepEqual(
      facts.volumes?.map((v) => [v.path, v.machine, v.directory, v.sleepsWith]),
      [
        ["apps.jellyfin.config.path", "spruce", "/var/lib/jellyfin", true],
        ["apps.jellyfin.media.path", "spruce", "/srv/media", true],
        ["apps.minecraft.world.path", "maple", "/var/lib/minecraft", true],
      ],
    );
  });

  it("counts memory limits where they are placed", () => {
    assert.deepEqual(
      facts.memory?.map((m) => [m.machine, m.user, m.bytes]),
      [
        ["spruce", "Jellyfin", 3 * 2 ** 30],
        ["maple", "Minecraft", 4 * 2 ** 30],
      ],
    );
  });

  it("asks for namespaces under the strictest Pod Security, and lets in the LAN and Prometheus", () => {
    assert.deepEqual(
      facts.namespaces?.map((n) => [n.name, n.podSecurity, n.policies.map((p) => p.name)]),
      [
        [
          "jellyfin",
          "restricted",
          ["jellyfin-from-lan", "jellyfin-from-monitoring", "jellyfin-to-internet"],
        ],
        ["minecraft", "restricted", ["minecraft-from-lan", "minecraft-to-internet"]],
      ],
    );
    const [jellyfin] = facts.namespaces ?? [];
    const [lan, , internet] = jellyfin?.policies ?? [];
    assert.deepEqual(lan?.peers, [{ cidr: "192.168.8.0/24" }, { cidr: "10.244.0.0/16" }]);
    assert.deepEqual(
      lan.ports.map(({ port }) => port),
      [8096, 8920],
    );
    assert.deepEqual(internet?.peers, [
      { cidr: "0.0.0.0/0", except: ["192.168.8.0/24", "10.244.0.0/16", "10.96.0.0/12"] },
    ]);
  });

  it("says what is left out without Jellyfin's API key", () => {
    const leftOut = "any open connection to Jellyfin keeps its machine awake, playing or not";
    const path = "apps.jellyfin.apiKeySecret";
    assert.deepEqual(facts.secrets, [{ path, name: "jellyfinApiKey", leftOut }]);
  });

  it("tells the power layer of the app whose machine sleeps, and of no other", () => {
    assert.deepEqual(sleepingApps(plans, appSite), [
      {
        app: "jellyfin",
        title: "Jellyfin",
        path: "apps.jellyfin",
        machine: "spruce",
        workload: { namespace: "jellyfin", kind: "StatefulSet", name: "jellyfin" },
        service: "jellyfin",
        probePort: 8096,
        probe: { program: readScript(JELLYFIN, "files/probe.py"), secret: "jellyfinApiKey" },
        advertised: [
          { port: 30_096, servicePort: 8096, speaks: "http" },
          { port: 30_920, servicePort: 8920, speaks: "client-first" },
        ],
      },
    ]);
  });

  it("marks pods as the power controller knows them, and tolerates sleep without a time limit", () => {
    assert.deepEqual(renderLabels("a", "m", true)["vmstation.io/sleeps-with"], "m");
    assert.equal("vmstation.io/sleeps-with" in renderLabels("a", "m", false), false);
    assert.match(fs.readFileSync(MARKS, "utf8"), /^SLEEPS_WITH = "vmstation\.io\/sleeps-with"$/m);
    assert.deepEqual(renderPlacement("m", true).tolerations, [
      { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" },
      { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" },
    ]);
    assert.deepEqual(renderPlacement("m", false).tolerations, []);
  });

  it("puts an app on the machine that the configuration names, also where that has taints", () => {
    const taints = ["node-role.kubernetes.io/control-plane:NoSchedule", "kept=for-me:NoExecute"];
    assert.deepEqual(renderPlacement("m", false, taints).tolerations, [
      {
        key: "node-role.kubernetes.io/control-plane",
        operator: "Exists",
        effect: "NoSchedule",
      },
      { key: "kept", operator: "Exists", effect: "NoExecute" },
    ]);
  });
});
