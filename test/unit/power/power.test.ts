import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { z } from "zod";
import { Power, type PowerArgs } from "../../../components/power/power";
import { named, recordGraph, type Recorded } from "../../support/mocks";
import { COMPUTE, CONTROL, CONTROLLER_KEY, JELLYFIN, STORAGE, powerArgs } from "./fixtures";

const TOKEN = Buffer.from("the-token").toString("base64");

function outputs(type: string): Readonly<Record<string, unknown>> {
  if (type === "command:remote:Command") return { stdout: CONTROLLER_KEY };
  if (type === "kubernetes:core/v1:Secret") return { data: { "ca.crt": "Q0E=", token: TOKEN } };
  return {};
}

function build(args: () => PowerArgs): Promise<Recorded[]> {
  return recordGraph(() => {
    const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
    new Power("power", args(), { providers: [provider] });
  }, outputs);
}

const stdinOf = (resource: Recorded): string => z.string().parse(resource.inputs.stdin);
const kubernetes = (all: readonly Recorded[]) =>
  all.filter((r) => r.type.startsWith("kubernetes:"));
const steps = (all: readonly Recorded[]) => all.filter((r) => r.type === "command:remote:Command");

const rolesSchema = z.object({
  rules: z.array(
    z.object({
      apiGroups: z.array(z.string()),
      resources: z.array(z.string()),
      resourceNames: z.array(z.string()).optional(),
      verbs: z.array(z.string()),
    }),
  ),
});
const rulesOf = (resource: Recorded) => rolesSchema.parse(resource.inputs).rules;

describe("Power", () => {
  it("makes a controller, an agent and a trust for each sleeper, and an account", async () => {
    const all = await build(() => powerArgs());
    assert.deepEqual(
      all
        .filter((r) => r.name !== "cluster")
        .map((r) => [r.type, r.name, r.parent])
        .sort(),
      [
        ["command:remote:Command", "power-agent-compute", "power"],
        ["command:remote:Command", "power-agent-storage", "power"],
        ["command:remote:Command", "power-controller-control", "power"],
        ["command:remote:Command", "power-credentials-control", "power"],
        ["command:remote:Command", "power-trust-compute", "power"],
        ["command:remote:Command", "power-trust-storage", "power"],
        ["kubernetes:core/v1:Secret", "power-account-token", "power-account"],
        ["kubernetes:core/v1:ServiceAccount", "power-account-user", "power-account"],
        [
          "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
          "power-account-role",
          "power-account",
        ],
        [
          "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
          "power-account-binding",
          "power-account",
        ],
        [
          "kubernetes:rbac.authorization.k8s.io/v1:Role",
          "power-account-jellyfin-role",
          "power-account",
        ],
        [
          "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
          "power-account-jellyfin-binding",
          "power-account",
        ],
        ["vmstation:power:Power", "power", ""],
        ["vmstation:power:PowerAccount", "power-account", "power"],
      ].sort(),
    );
  });

  it("runs the controller on the always-on control plane and each agent on its machine", async () => {
    const all = await build(() => powerArgs());
    const host = (name: string) =>
      z.object({ host: z.string() }).parse(named(all, name).inputs.connection).host;
    assert.equal(host("power-controller-control"), CONTROL.address);
    assert.equal(host("power-credentials-control"), CONTROL.address);
    assert.equal(host("power-agent-compute"), COMPUTE.address);
    assert.equal(host("power-trust-storage"), STORAGE.address);
  });

  it("uses the explicit provider for every Kubernetes resource", async () => {
    const all = await build(() => powerArgs());
    assert.equal(kubernetes(all).length, 6);
    for (const resource of kubernetes(all))
      assert.equal(resource.provider, "cluster", resource.name);
  });

  it("lets the controller's own key in, after the agent is there, for the gate alone", async () => {
    const trust = named(await build(() => powerArgs()), "power-trust-storage");
    assert.deepEqual(trust.dependencies, ["power-agent-storage", "power-controller-control"]);
    assert.ok(
      stdinOf(trust).includes(
        `restrict,from="192.168.8.63",command="/usr/local/lib/vmstation/power-gate.sh" ${CONTROLLER_KEY}\n`,
      ),
    );
  });

  it("starts the controller, which looks at once, with its credentials there; it waits for no sleeper", async () => {
    const all = await build(() => powerArgs());
    const { dependencies } = named(all, "power-controller-control");
    assert.deepEqual(dependencies, ["power-credentials-control"]);
    const before = named(all, "power-credentials-control").dependencies;
    assert.deepEqual(before, ["power-account-token"]);
  });

  it("keeps the kubeconfig, the BMC's password and the API key secret", async () => {
    const all = await build(() =>
      powerArgs({}, { bmcPassword: "hunter2", jellyfinApiKey: "k3y-of-app" }),
    );
    const credentials = named(all, "power-credentials-control");
    assert.deepEqual(credentials.secretInputs, ["connection", "stdin"]);
    for (const secret of ["the-token", "hunter2", "k3y-of-app"]) {
      assert.ok(stdinOf(credentials).includes(secret), secret);
      for (const other of steps(all).filter((step) => step !== credentials)) {
        assert.ok(!JSON.stringify(other.inputs).includes(secret), other.name);
      }
    }
  });

  it("leaves out what needs a secret that is not set", async () => {
    const all = await build(() => powerArgs());
    assert.ok(!stdinOf(named(all, "power-credentials-control")).includes("bmc-compute"));
    assert.ok(
      !stdinOf(named(all, "power-controller-control")).includes("/etc/vmstation/power/bmc-"),
    );
    const set = await build(() => powerArgs({}, { bmcPassword: "hunter2" }));
    assert.match(
      stdinOf(named(set, "power-controller-control")),
      /"\/etc\/vmstation\/power\/bmc-compute"/,
    );
  });

  it("may read, cordon and label the sleepers, and scale the marked workload: nothing else", async () => {
    const all = await build(() => powerArgs());
    assert.deepEqual(rulesOf(named(all, "power-account-role")), [
      {
        apiGroups: [""],
        resources: ["nodes", "pods", "persistentvolumeclaims", "persistentvolumes"],
        verbs: ["get", "list", "watch"],
      },
      {
        apiGroups: ["storage.k8s.io"],
        resources: ["storageclasses", "csidrivers", "csinodes"],
        verbs: ["get", "list", "watch"],
      },
      {
        apiGroups: [""],
        resources: ["nodes"],
        resourceNames: ["compute", "storage"],
        verbs: ["patch"],
      },
      {
        apiGroups: ["coordination.k8s.io"],
        resources: ["leases"],
        resourceNames: ["compute", "storage"],
        verbs: ["get"],
      },
    ]);
    assert.deepEqual(rulesOf(named(all, "power-account-jellyfin-role")), [
      { apiGroups: [""], resources: ["services"], resourceNames: ["jellyfin"], verbs: ["get"] },
      {
        apiGroups: ["apps"],
        resourceNames: ["jellyfin"],
        resources: ["deployments"],
        verbs: ["get"],
      },
      {
        apiGroups: ["apps"],
        resourceNames: ["jellyfin"],
        resources: ["deployments/scale"],
        verbs: ["get", "patch", "update"],
      },
    ]);
  });

  it("may evict only where a machine's configuration says so", async () => {
    const evicting = {
      ...STORAGE,
      power: { mode: "sleeps", method: "suspend", evict: true } as const,
    };
    const all = await build(() => powerArgs({ machines: [CONTROL, evicting] }));
    assert.deepEqual(rulesOf(named(all, "power-account-role")).at(-1), {
      apiGroups: [""],
      resources: ["pods/eviction"],
      verbs: ["create"],
    });
  });

  it("installs the sockets only where an app advertises a port", async () => {
    const without = { ...JELLYFIN, advertised: [] };
    const all = await build(() => powerArgs({ apps: [without] }));
    assert.ok(
      !stdinOf(named(all, "power-controller-control")).includes("vmstation-connect.socket' 0644"),
    );
    const withPorts = stdinOf(named(await build(() => powerArgs()), "power-controller-control"));
    assert.ok(withPorts.includes("vmstation-connect.socket' 0644"));
    assert.ok(withPorts.includes("ListenStream=30096\nListenStream=30920\n"));
  });
});
