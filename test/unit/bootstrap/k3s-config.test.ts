import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { bootstrapSchema } from "../../../components/bootstrap/config";
import { methodOf } from "../../../components/bootstrap/methods";
import {
  renderAgent,
  renderServer,
  type K3sArgs,
} from "../../../components/bootstrap/k3s/render-config";
import { k3sArtefacts, k3sStep } from "../../../components/bootstrap/k3s/steps";
import { inOrder, isServer } from "../../../components/bootstrap/turns";
import type { Machine } from "../../../components/node/machine";
import { checkConfig } from "../../../stacks/check";
import { changedHomelab } from "../../support/homelab";
import { methodChanges } from "../../support/methods";
import { OPTIONS, TOKENS } from "./k3s-cluster";
import { argsOf, machineNamed, THREE_CONTROL_PLANES } from "./sites";

/** The options of K3s that a command takes: as documented, or as the available program says. */
function optionsOf(command: "server" | "agent"): readonly string[] {
  const real = process.env.K3S_BIN;
  if (real === undefined) return OPTIONS[command];
  const help = spawnSync(real, [command, "--help"], { encoding: "utf8" }).stdout;
  return [...help.matchAll(/^ {3}--([a-z0-9-]+)/gm)].map(([, name = ""]) => name);
}

function configOf(args: K3sArgs, machine: Machine): Readonly<Record<string, unknown>> {
  return (isServer(machine) ? renderServer : renderAgent)(args, machine, TOKENS);
}

/** Settings that decide which options are written. */
const anySettings = fc.record({
  audit: fc.boolean(),
  encryption: fc.boolean(),
  apiServerPort: fc.constantFrom(6443, 8443),
  apiServerSans: fc.constantFrom([], ["k8s.lan"]),
  etcdSnapshot: fc.record({ enabled: fc.boolean() }),
  addons: fc.record({
    ...{ traefik: fc.boolean(), serviceLb: fc.boolean(), localStorage: fc.boolean() },
    metricsServer: fc.boolean(),
  }),
});

describe("K3s's configuration", () => {
  const three = argsOf("k3s", {}, ...THREE_CONTROL_PLANES);
  const controller = machineNamed(three.machines, "maple");
  const worker = machineNamed(three.machines, "hazel");

  it("has only options that K3s documents for that command, with any configuration", () => {
    const options = { server: optionsOf("server"), agent: optionsOf("agent") };
    fc.assert(
      fc.property(anySettings, (settings) => {
        const args = argsOf("k3s", settings, ...THREE_CONTROL_PLANES);
        for (const machine of args.machines) {
          const known = options[isServer(machine) ? "server" : "agent"];
          const config = configOf(args, machine);
          assert.deepEqual(
            Object.keys(config).filter((name) => !known.includes(name)),
            [],
          );
          const { disable = [] } = z
            .object({ disable: z.array(z.string()).optional() })
            .parse(config);
          for (const name of disable) assert.ok(OPTIONS.disable.includes(name), name);
        }
      }),
      { numRuns: Number(process.env.VMSTATION_CASES ?? 10) },
    );
  });

  it("says the same on all servers where K3s lets no other one join, and one of them starts the cluster", () => {
    const servers = three.machines.filter(isServer).map((machine) => configOf(three, machine));
    assert.equal(servers.length, 3);
    for (const name of OPTIONS.sameOnAllServers) {
      assert.equal(new Set(servers.map((config) => JSON.stringify(config[name]))).size, 1, name);
    }
    assert.deepEqual(
      servers.map((config) => config["cluster-init"] ?? config.server),
      [true, "https://192.168.8.63:6443", "https://192.168.8.63:6443"],
    );
  });

  it("gives an agent the agents' token alone, and keeps both out of what is shown", () => {
    assert.ok(!JSON.stringify(configOf(three, worker)).includes(TOKENS.server));
    const server = configOf(three, controller);
    assert.deepEqual([server.token, server["agent-token"]], [TOKENS.server, TOKENS.agent]);
    for (const machine of three.machines) {
      const { files = [], ...others } = k3sStep(three, machine, TOKENS);
      const open = JSON.stringify([others, files.filter((file) => file.secret !== true)]);
      assert.ok(!open.includes(TOKENS.server) && !open.includes(TOKENS.agent), machine.name);
      const config = files.find((file) => file.path === "/etc/rancher/k3s/config.yaml");
      assert.deepEqual([config?.mode, config?.secret], ["0600", true]);
      assert.deepEqual(parse(config?.content ?? ""), configOf(three, machine));
    }
  });

  it("leaves Calico the network, and switches off what nobody asked for", () => {
    const config = configOf(three, controller);
    assert.deepEqual([config["flannel-backend"], config["disable-network-policy"]], ["none", true]);
    assert.deepEqual(config.disable, ["traefik", "servicelb", "local-storage"]);
    const all = { traefik: true, serviceLb: true, localStorage: true, metricsServer: false };
    const asked = argsOf("k3s", { addons: all });
    assert.deepEqual(configOf(asked, controller).disable, ["metrics-server"]);
    assert.equal(config["kube-apiserver-arg"], undefined);
    const audited = argsOf("k3s", { audit: true, encryption: true });
    assert.match(JSON.stringify(configOf(audited, controller)), /audit-policy-file=\/etc\/rancher/);
    assert.equal(configOf(audited, controller)["secrets-encryption"], true);
  });

  it("brings Calico as kubeadm does, and lets pods pass packets on", () => {
    const { files = [] } = k3sStep(three, controller, TOKENS);
    const calico = files.find((file) => file.path.endsWith("/30-calico.yaml"));
    const documents = parseAllDocuments(calico?.content ?? "");
    assert.deepEqual(
      documents.flatMap((document) => document.errors),
      [],
    );
    assert.match(calico?.content ?? "", /encapsulation: IPIP/);
    assert.match(calico?.content ?? "", /containerIPForwarding: Enabled/);
    const other = k3sStep(three, machineNamed(three.machines, "second"), TOKENS);
    assert.ok(!other.files?.some((file) => file.path.includes("/manifests/")));
  });

  it("restarts the service for what it reads, and for nothing else", () => {
    const intent = (settings: Readonly<Record<string, unknown>>) => {
      const { settings: its } = k3sStep(argsOf("k3s", settings), controller, TOKENS);
      return [its?.INTENT, its?.DIGEST];
    };
    const [read, whole] = intent({});
    const mirrors = { registryMirrors: { "docker.io": ["http://m.lan"] } };
    for (const changed of [{ audit: true }, { sources: mirrors }, { release: "k3s2" }]) {
      assert.notEqual(intent(changed)[0], read);
    }
    const policy = intent({ existing: "refuse" });
    assert.deepEqual([policy[0] === read, policy[1] === whole], [true, false]);
  });

  it("goes from the controller to the other servers, then to the agents", () => {
    assert.deepEqual(
      inOrder(three).map(({ name }) => name),
      ["maple", "second", "third", "hazel", "spruce"],
    );
  });
});

describe("what K3s needs to be told", () => {
  const problems = (settings: object): unknown =>
    bootstrapSchema.safeParse({ method: "k3s", ...settings }).error?.issues.map(({ path }) => path);

  it("is the program's digest, with which it comes from the release or its mirror", () => {
    assert.deepEqual(problems({}), [["checksums", "k3s"]]);
    const k3s = "a".repeat(64);
    assert.equal(problems({ checksums: { k3s } }), undefined);
    const [artefact] = k3sArtefacts(argsOf("k3s", { checksums: { k3s } }));
    assert.deepEqual(
      [artefact?.sha256, artefact?.url],
      [k3s, "https://github.com/k3s-io/k3s/releases/download/v1.35.4%2Bk3s1/k3s"],
    );
    const mirror = k3sArtefacts(argsOf("k3s", { sources: { files: "http://m:80/f" } }));
    for (const { url } of mirror) assert.match(url, /^http:\/\/m:80\/f\/github\.com\/k3s-io\//);
  });

  it("is no etcd outside of the control planes, with RKE2 and kubeadm neither, by the machine's name", () => {
    const roles = ["machines", "hazel", "roles"];
    for (const [method, title] of [
      ["k3s", "K3s"],
      ["rke2", "RKE2"],
      ["kubeadm", "kubeadm"],
    ] as const) {
      const { problems: found } = checkConfig(
        changedHomelab(...methodChanges(method), [roles, ["worker", "etcd"]]),
      );
      const said = `machines\\.hazel\\.roles.*with ${title} etcd is a part of every control plane.*kubespray`;
      assert.match(JSON.stringify(found), new RegExp(said));
    }
  });

  it("keeps both tokens in the backup, and restores etcd with K3s's own program", () => {
    const { files, member } = methodOf({ method: "k3s" }).controlPlane("maple");
    for (const name of ["server/token", "server/agent-token", "server/tls", "k3s/config.yaml"]) {
      assert.ok(
        files.some((file) => file.endsWith(name)),
        name,
      );
    }
    assert.deepEqual(member, { kind: "rke2", program: "/usr/local/bin/k3s", unit: "k3s.service" });
  });
});
