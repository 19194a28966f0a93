import assert from "node:assert/strict";
import { z } from "zod";
import {
  listItems,
  renderSettings,
  renderTimer,
  renderWithin,
  type SettingsInput,
} from "../../../components/backup/render-settings";
import { agentStep, controllerStep, passwordStep } from "../../../components/backup/steps";
import { describeControlPlane } from "../../../components/bootstrap/facts";
import { checkConfig } from "../../../stacks/check";
import { listOpenQuestions } from "../../../stacks/open-questions";
import { controllerOf } from "../../../stacks/site";
import { changedHomelab, type Change } from "../../support/homelab";
import { METHOD_NAMES, methodChanges } from "../../support/methods";
import { homelabSite } from "../../support/site";
import { recordStack } from "../../support/stack";

function input(...changes: readonly Change[]): SettingsInput {
  const site = homelabSite([["apps", "minecraft"], { machine: "hazel", eula: true }], ...changes);
  const controller = controllerOf(site);
  return {
    clusterName: site.config.cluster.name,
    config: site.config.backup,
    controller,
    machines: site.machines,
    controlPlane: describeControlPlane(site.config.bootstrap, controller.name),
    sources: site.facts.backups,
  };
}

describe("what is backed up of the homelab", () => {
  it("is etcd, the control plane's files, monitoring's data, and each app where it runs", () => {
    assert.deepEqual(
      listItems(input()).map((item) => [
        item.set,
        item.name,
        item.kind,
        item.machine?.name ?? "here",
        item.paths.join(" "),
      ]),
      [
        ["etcd", "etcd", "etcd", "here", ""],
        [
          "etcd",
          "control-plane",
          "tree",
          "here",
          "/etc/kubernetes/ssl /etc/ssl/etcd /var/lib/vmstation/bootstrap/recorded.json",
        ],
        ["monitoring", "prometheus", "tree", "here", "/srv/monitoring_data/prometheus"],
        ["monitoring", "grafana", "archive", "here", "/srv/monitoring_data/grafana"],
        ["monitoring", "loki", "tree", "here", "/srv/monitoring_data/loki"],
        ["apps", "jellyfin", "archive", "spruce", "/var/lib/jellyfin"],
        ["apps", "minecraft", "archive", "hazel", "/var/lib/minecraft"],
      ],
    );
  });

  it("leaves etcd out, and says so, where the controller is no member of it", () => {
    const roles: Change[] = [
      [["machines", "maple", "roles"], ["control-plane"]],
      [
        ["machines", "hazel", "roles"],
        ["worker", "etcd"],
      ],
      [["machines", "hazel", "power"], { mode: "always-on" }],
    ];
    const names = listItems(input(...roles)).map(({ name }) => name);
    assert.deepEqual(names.slice(0, 2), ["control-plane", "prometheus"]);
    const told = listOpenQuestions(homelabSite(...roles), "test", () => true);
    assert.match(
      told.find(({ path: key }) => key === "machines.maple.roles")?.message ?? "",
      /etcd is not backed up/,
    );
    const usual = listOpenQuestions(homelabSite(), "test", () => true);
    assert.ok(!usual.some(({ path: key }) => key.endsWith(".roles")));
  });

  it("reaches the program as settings: where, how long, and how etcd runs", () => {
    const settings: unknown = JSON.parse(renderSettings(input()));
    const found = z
      .object({
        repository: z.string(),
        mount: z.string(),
        sets: z.record(z.string(), z.unknown()),
        etcd: z.object({ member: z.unknown(), access: z.object({ cert: z.string() }) }),
      })
      .parse(settings);
    assert.deepEqual(found, {
      repository: "/srv/backups/vmstation",
      mount: "",
      sets: {
        etcd: { keepLast: 8, keepWithin: "14d", maxAge: 46_800, checkMaxAge: 1_296_000 },
        monitoring: { keepLast: 2, keepWithin: "7d", maxAge: 180_000, checkMaxAge: 1_296_000 },
        apps: { keepLast: 7, keepWithin: "30d", maxAge: 180_000, checkMaxAge: 1_296_000 },
      },
      etcd: {
        member: {
          kind: "unit",
          file: "/etc/etcd.env",
          unit: "etcd.service",
          manifests: "/etc/kubernetes/manifests",
        },
        access: { cert: "/etc/ssl/etcd/ssl/admin-maple.pem" },
      },
    });
  });

  it("is refused a repository on a disk that is not mounted, which the program learns by name", () => {
    const moved = input([["backup", "repository"], "/srv/data5/backups"]);
    assert.match(renderSettings(moved), /"mount": "\/srv\/data5"/);
  });

  it("follows the bootstrap method", () => {
    const kinds = METHOD_NAMES.map(
      (method) => input(...methodChanges(method)).controlPlane.member.kind,
    );
    assert.deepEqual(kinds, ["unit", "rke2", "pod", "rke2"]);
  });

  it("leaves nothing on any machine where backups are off", async () => {
    const graph = await recordStack(homelabSite([["backup", "enabled"], false]));
    assert.deepEqual(
      graph.filter(({ name }) => name.startsWith("backup")),
      [],
    );
  });

  it("keeps no shorter than asked, in the units that restic has", () => {
    assert.deepEqual([7 * 86_400, 36 * 3600, 3601].map(renderWithin), ["7d", "36h", "2h"]);
  });

  it("is refused a schedule by which it is always overdue, and a check that reads nothing", () => {
    const refused = (...changes: Change[]): string[] =>
      checkConfig(changedHomelab(...changes)).problems.map(
        ({ path: key, found, accepted }) => `${key} ${found}: ${accepted}`,
      );
    assert.deepEqual(refused([["backup", "apps", "schedule"], "Sun 05:00"]), [
      'backup.apps.schedule "Sun 05:00": one that comes more often than every 50h, or an overdueAfter longer than 168h',
    ]);
    assert.deepEqual(
      refused([["backup", "apps"], { schedule: "Sun 05:00", overdueAfter: "8d" }]),
      [],
    );
    assert.match(
      refused([["backup", "etcd", "overdueAfter"], "6h"]).join(),
      /^backup\.etcd\.overdueAfter "6h": a duration longer than 6h, the longest time that the schedule "\*-/,
    );
    assert.match(
      refused([["backup", "check", "schedule"], "monthly"]).join(),
      /^backup\.check\.schedule "monthly": .* every 15d, or an overdueAfter longer than 744h/,
    );
    assert.match(
      refused([["backup", "etcd", "schedule"], "*-02-31"]).join(),
      /^backup\.etcd\.schedule .*a time that comes/,
    );
    for (const share of ["0%", "0.0%", "0.00%"])
      assert.match(
        refused([["backup", "check", "subset"], share]).join(),
        /^backup\.check\.subset .*a share above 0%/,
      );
    for (const share of ["0.5%", "1%", "100%"])
      assert.deepEqual(refused([["backup", "check", "subset"], share]), []);
  });

  it("refuses a schedule that could be more than a schedule", () => {
    const { problems } = checkConfig(
      changedHomelab([["backup", "etcd", "schedule"], "daily\nExecStart=/bin/sh"]),
    );
    assert.deepEqual(
      problems.map((problem) => problem.path),
      ["backup.etcd.schedule"],
    );
    assert.match(renderTimer("Sun 05:00", "Reads"), /^OnCalendar=Sun 05:00\nPersistent=true$/m);
  });
});

describe("the controller's access to other machines", () => {
  it("lets sudo run the agent for that machine's items, word for word", () => {
    const items = listItems(input()).filter(({ machine }) => machine?.name === "hazel");
    const contentOf = (file: string): string =>
      agentStep(items).files?.find((each) => each.path === file)?.content ?? "";
    assert.equal(
      contentOf("/etc/sudoers.d/vmstation-backup"),
      "vmstation-backup ALL=(root) NOPASSWD: " +
        "/usr/local/sbin/vmstation-backup-agent archive minecraft, " +
        "/usr/local/sbin/vmstation-backup-agent restore minecraft\n",
    );
    const settings = contentOf("/etc/vmstation/backup-agent.json");
    assert.equal(settings.includes("minecraft"), true);
    assert.equal(settings.includes("jellyfin"), false);
  });
});

describe("the repositories' password", () => {
  it("is generated, and reaches one file of root's, by a secret input", async () => {
    const graph = await recordStack(homelabSite());
    const step = graph.find(({ name }) => name === "backup-password-maple");
    assert.ok(step?.secretInputs.includes("stdin"));
    // The timers, which may be due at once, come after it.
    const controller = graph.find(({ name }) => name === "backup-controller-maple");
    assert.deepEqual(controller?.dependencies, ["backup-password-maple"]);
    assert.deepEqual(passwordStep("word").files, [
      { path: "/etc/vmstation/backup/password", content: "word\n", mode: "0600", secret: true },
    ]);
  });

  it("is in nothing else that the controller gets", () => {
    const { files = [], settings } = controllerStep(input());
    assert.ok(!files.some(({ path: file }) => file === "/etc/vmstation/backup/password"));
    assert.deepEqual(settings, {
      ROLE: "backup",
      KEY: "/etc/vmstation/backup/key",
      TIMERS: [
        "vmstation-backup@etcd",
        "vmstation-backup@monitoring",
        "vmstation-backup@apps",
        "vmstation-backup-check",
      ],
      SCHEDULES: ["*-*-* 00/6:15", "03:30", "04:15", "Sun 05:00"],
    });
  });
});
