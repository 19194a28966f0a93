import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { insteadOf } from "../../../components/bootstrap/kubespray/owned-variables";
import { variableGroups } from "../../../components/bootstrap/kubespray/render-wanted";
import { isTimeZone } from "../../../components/remote/time-zones";
import { checkConfig } from "../../../stacks/check";
import { renderProblems } from "../../../stacks/errors";
import { changedHomelab, type Change } from "../../support/homelab";
import { argsOf } from "../bootstrap/sites";
import { machine } from "./rejection";

const ACCEPTED: Readonly<Record<string, readonly Change[]>> = {
  "a folder below an export, on the same disk": [
    [
      machine("hazel", "mounts", "/mnt/media"),
      { source: { nfs: { server: "192.168.8.61", path: "/srv/media/films" } }, type: "nfs4" },
    ],
  ],
  "a world on a disk of its own": [
    [machine("hazel", "mounts", "/srv/minecraft"), { source: { label: "world" } }],
    [["apps", "minecraft"], { machine: "hazel", eula: true, world: { path: "/srv/minecraft" } }],
  ],
  "backups beside the media on one disk": [
    [["apps", "jellyfin", "machine"], "maple"],
    [["backup", "repository"], "/srv/media/backups"],
  ],
  "a disk for containerd's images": [
    [machine("hazel", "mounts", "/var/lib/containerd"), { source: { label: "images" } }],
  ],
  "a time zone by a name that is a link": [[["lan", "timeZone"], "US/Eastern"]],
  "a kernel parameter of many digits in quotes": [
    [["node", "sysctl"], { "kernel.shmmax": "18446744073692774399", "vm.swappiness": 10 }],
  ],
  "MetalLB with a pool that is announced, and kube-vip with an address": [
    [["bootstrap", "addons"], { metallb: true }],
    [
      ["bootstrap", "variables"],
      {
        metallb_config: {
          address_pools: { home: { ip_range: ["192.168.8.241-192.168.8.250"] } },
          layer2: ["home"],
        },
        ...{ kube_vip_enabled: true, kube_vip_address: "192.168.8.9" },
      },
    ],
  ],
  "a registry with a class for its images": [
    [["bootstrap", "addons"], { registry: true }],
    [["bootstrap", "variables"], { registry_storage_class: "local-path" }],
  ],
};

describe("a configuration is accepted with", () => {
  for (const [name, changes] of Object.entries(ACCEPTED)) {
    it(name, () => {
      const { site, problems } = checkConfig(changedHomelab(...changes));
      assert.ok(site, renderProblems("test", problems));
    });
  }
});

describe("time zones", () => {
  it("are those of the machine's tz database, links among them", function () {
    const file = "/usr/share/zoneinfo/tzdata.zi";
    if (!fs.existsSync(file)) {
      console.log(`    skipped: no ${file} on this machine`);
      this.skip();
    }
    const lines = fs.readFileSync(file, "utf8").split("\n");
    const names = lines.flatMap((line) => {
      const [kind, first, second] = line.split(" ");
      const name = kind === "Z" ? first : kind === "L" ? second : undefined;
      return name === undefined || name === "Factory" ? [] : [name];
    });
    assert.ok(names.length > 400);
    assert.deepEqual(
      names.filter((name) => !isTimeZone(name)),
      [],
    );
    for (const wrong of ["", "Berlin", "utc", "Europe/", "../etc/passwd", "posixrules"])
      assert.ok(!isTimeZone(wrong), wrong);
  });
});

describe("an etcd member's longest name", () => {
  it("is the longest that openssl takes into a certificate", function () {
    const subjects = [64, 65].map((length) => {
      const words = `req -new -newkey rsa:1024 -nodes -keyout /dev/null -subj /CN=${"a".repeat(length)}`;
      return spawnSync("openssl", words.split(" "), { encoding: "utf8" });
    });
    if (subjects.some(({ error }) => error !== undefined)) {
      console.log("    skipped: no openssl on the PATH");
      this.skip();
    }
    assert.deepEqual(
      subjects.map(({ status }) => status),
      [0, 1],
    );
  });
});

const KEYS_NAMED =
  "kube_version kube_pods_subnet skydns_server calico_mtu calico_ipip_mode kube_apiserver_port resolvconf_mode " +
  "enable_nodelocaldns helm_enabled metrics_server_nodeselector kubelet_max_pods system_cpu_reserved kube_memory_reserved " +
  "kubernetes_audit kube_encrypt_secret_data auto_renew_certificates containerd_registries_mirrors github_url node_labels " +
  "node_taints upstream_dns_servers ip additional_sysctl ntp_servers ntp_timezone supplementary_addresses_in_ssl_keys";

describe("a Kubespray variable", () => {
  it("is refused where another layer relies on it, and left to the user otherwise", () => {
    assert.equal(insteadOf("kube_log_level"), undefined);
    assert.equal(insteadOf("registry_storage_class"), undefined);
    assert.match(insteadOf("kube_proxy_mode") ?? "", /^no such variable/);
  });

  it("that the program itself writes is refused, or is one that nothing else relies on", () => {
    const free = ["dns_min_replicas", "loadbalancer_apiserver_localhost"];
    const addons = { certManager: true, metallb: true, registry: true };
    const groups = variableGroups(argsOf("kubespray", { addons }));
    const written = Object.values(groups).flatMap(({ variables }) => Object.keys(variables));
    assert.ok(written.length > 40);
    assert.deepEqual(
      written.filter((name) => insteadOf(name) === undefined && !name.startsWith("cert_manager_")),
      written.filter((name) => free.includes(name)),
    );
  });

  it("has a key of ours named in its place that is one", () => {
    const keys = KEYS_NAMED.split(" ").map((name) => insteadOf(name) ?? "");
    for (const said of keys) {
      const [, key = ""] = /^vmstation:([\w.]+)/.exec(said) ?? [];
      const path = key.replace("NAME", "hazel").split(".");
      const nonsense = [path, "no sense"] as const;
      const { problems } = checkConfig(changedHomelab(nonsense));
      assert.ok(problems.length > 0, said);
      assert.ok(!problems.some(({ found }) => found === "an unknown key"), `${said}: no such key`);
    }
  });
});

describe("an add-on of Kubespray's", () => {
  it("runs where nothing sleeps: cert-manager's webhook has to answer", () => {
    const variables = (certManager: boolean) =>
      variableGroups(argsOf("kubespray", { addons: { certManager } })).addons?.variables ?? {};
    assert.deepEqual(variables(true).cert_manager_nodeselector, { "vmstation.io/addons": "true" });
    assert.deepEqual(variables(true).cert_manager_tolerations, [
      { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
    ]);
    assert.ok(!("cert_manager_nodeselector" in variables(false)));
  });

  it("has its ports open between the machines: MetalLB's members agree who answers", () => {
    const { site } = checkConfig(
      changedHomelab(
        ...(ACCEPTED["MetalLB with a pool that is announced, and kube-vip with an address"] ?? []),
      ),
    );
    const rules = site?.facts.firewall.filter(({ purpose }) => purpose === "MetalLB members");
    assert.deepEqual(
      rules?.map(({ protocol, ports, from }) => [protocol, ports, from]),
      [
        ["tcp", [7946], ["machines"]],
        ["udp", [7946], ["machines"]],
      ],
    );
  });
});
