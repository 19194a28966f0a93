import assert from "node:assert/strict";
import fc from "fast-check";
import { monitoringFacts } from "../../../components/monitoring/facts";
import { findMount } from "../../../components/shared/mounts";
import { at } from "./at";
import { config, machine, MACHINES, site } from "./homelab";
import { valuesOf } from "./releases";

const GIB = 2 ** 30;

function factsOf(part: Parameters<typeof config>[0] = {}) {
  return monitoringFacts(config(part), site());
}

describe("what monitoring says of itself", () => {
  it("names its NodePorts and volumes", () => {
    const { nodePorts, volumes } = factsOf();
    assert.deepEqual(nodePorts, [
      { path: "monitoring.prometheus.nodePort", port: 30_090 },
      { path: "monitoring.grafana.nodePort", port: 30_300 },
      { path: "monitoring.loki.nodePort", port: 31_100 },
    ]);
    assert.deepEqual(
      volumes?.map(({ machine, directory, sleepsWith }) => [machine, directory, sleepsWith]),
      [
        ["maple", "/srv/monitoring_data/prometheus", false],
        ["maple", "/srv/monitoring_data/grafana", false],
        ["maple", "/srv/monitoring_data/loki", false],
      ],
    );
  });

  it("leaves at least 2 GiB of the control plane's 8 to the control plane itself", () => {
    const here = (factsOf().memory ?? []).filter((use) => use.machine === "maple");
    const sum = here.reduce((total, { bytes }) => total + bytes, 0);
    assert.ok(sum <= 6 * GIB, `${sum / GIB} GiB`);
    assert.ok(sum >= 4 * GIB, "Prometheus' and Loki's limits alone are 4 GiB");
  });

  it("opens the exporters' ports to pods and what stands for them, on the machines that have them", () => {
    assert.deepEqual(
      factsOf().firewall?.map(({ machines, ports, from }) => [machines, ports, from]),
      [
        [["hazel", "maple", "spruce"], [9100], ["pods", "machines"]],
        [["maple"], [514], ["pods", "machines"]],
        [["hazel"], [9290], ["pods", "machines"]],
      ],
    );
  });

  it("lets Prometheus read the exporters' ports on every machine", () => {
    const policy = factsOf().namespaces?.[0]?.policies.find(
      ({ name }) => name === "prometheus-to-machines",
    );
    const ports = policy?.ports.map(({ port }) => port) ?? [];
    assert.deepEqual(ports.slice(0, 2), [9100, 9290]);
    assert.deepEqual(
      policy?.peers,
      MACHINES.map(({ address }) => ({ cidr: `${address}/32` })),
    );
  });

  it("needs ipmitool on the machines with a BMC", () => {
    assert.deepEqual(factsOf().packages, [
      { machines: ["hazel"], debian: ["ipmitool"], rhel: ["ipmitool", "OpenIPMI"] },
    ]);
  });

  it("backs up each volume but what is open for writing, and Grafana's databases in one piece", () => {
    assert.deepEqual(
      factsOf().backups?.map(({ name, databases, leaveOut, pods }) => [
        name,
        databases,
        leaveOut.includes("wal"),
        pods.selector,
      ]),
      [
        ["prometheus", false, true, "app.kubernetes.io/name=prometheus"],
        ["grafana", true, false, "app.kubernetes.io/name=grafana"],
        ["loki", false, true, "app.kubernetes.io/name=loki"],
      ],
    );
  });

  it("lets Alertmanager connect to the internet only if it has a receiver", () => {
    const egress = (part: Parameters<typeof config>[0]): string[] =>
      factsOf(part).namespaces?.[0]?.policies.map(({ name }) => name) ?? [];
    assert.ok(!egress({}).includes("alertmanager-to-receiver"));
    const receiver = { type: "ntfy", topic: "hazel" } as const;
    assert.ok(egress({ alertmanager: { receiver } }).includes("alertmanager-to-receiver"));
  });

  it("opens Loki, which has no login, to the machines only, and to the LAN if it is configured", () => {
    const peers = (openToLan: boolean) =>
      factsOf({ loki: { openToLan } }).namespaces?.[0]?.policies.find(
        ({ name }) => name === "loki-from-lan",
      )?.peers;
    assert.deepEqual(
      peers(false),
      ["192.168.8.62/32", "192.168.8.63/32", "192.168.8.61/32"].map((cidr) => ({ cidr })),
    );
    assert.deepEqual(peers(true), [{ cidr: "192.168.8.0/24" }]);
    const loki = valuesOf("loki", site());
    assert.equal(at(loki, "loki", "limits_config", "deletion_mode"), "disabled");
  });

  it("opens Prometheus to the LAN, and to the machines only if that is off", () => {
    const peers = (prometheus: object) =>
      factsOf({ prometheus }).namespaces?.[0]?.policies.find(
        ({ name }) => name === "prometheus-from-lan",
      )?.peers;
    assert.deepEqual(peers({}), [{ cidr: "192.168.8.0/24" }]);
    assert.deepEqual(
      peers({ openToLan: false }),
      ["192.168.8.62/32", "192.168.8.63/32", "192.168.8.61/32"].map((cidr) => ({ cidr })),
    );
  });

  it("says what is left out while the receiver's secret is not set", () => {
    const receiver = { type: "ntfy", topic: "hazel", tokenSecret: "ntfyToken" } as const;
    assert.deepEqual(factsOf({ alertmanager: { receiver } }).secrets, [
      {
        path: "monitoring.alertmanager.receiver.tokenSecret",
        name: "ntfyToken",
        leftOut: "alerts are shown in Grafana and Prometheus, and sent nowhere",
      },
    ]);
  });

  it("wants nothing for IPMI where no machine has a BMC", () => {
    const machines = [machine("one", "10.0.0.1", { roles: ["control-plane", "etcd"] })];
    const facts = monitoringFacts(config({ machine: "one" }), site({}, machines));
    assert.ok(!(facts.firewall ?? []).some(({ ports }) => ports?.includes(9290)));
    assert.ok(!(facts.memory ?? []).some(({ user }) => user.includes("IPMI")));
  });
});

describe("the mount that holds the volumes", () => {
  it("is the deepest one above the folder, and never a mere prefix of its name", () => {
    assert.equal(
      findMount(["/srv", "/srv/monitoring_data"], "/srv/monitoring_data/x"),
      "/srv/monitoring_data",
    );
    assert.equal(findMount(["/srv/monitoring"], "/srv/monitoring_data"), undefined);
    assert.equal(findMount(["/srv/a"], "/srv/a"), "/srv/a");
    assert.equal(findMount(["/"], "/srv/a"), "/");
    const folder = fc.array(fc.constantFrom("a", "ab", "b"), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(folder), folder, (mounts, target) => {
        const found = findMount(
          mounts.map((m) => `/${m.join("/")}`),
          `/${target.join("/")}`,
        );
        const holding = mounts.filter((m) => m.every((part, i) => part === target[i]));
        const deepest = Math.max(0, ...holding.map((m) => m.length));
        assert.equal(found?.split("/").length ?? 1, deepest + 1);
      }),
    );
  });
});
