import type { ControlPlaneBackup } from "../../backup/types";
import { missingDigests, type Architecture } from "../architectures";
import { defineMethod } from "../method";
import { clusterPackages, typha } from "../operator-facts";
import { etcdOfServer } from "../server-etcd";
import { etcdElsewhere } from "../server-roles";
import { k3sSchema, type K3sConfig } from "./config";
import { k3sDownloads } from "./downloads";
import { MARKS } from "./fixed";
import { K3s } from "./k3s";
import { K3S_KEY_CHANGES } from "./key-changes";
import { ETC } from "./render-config";
import { FILES, resetStep } from "./steps";

/** K3s: one program on every machine, its own units, etcd within the servers. */
export const k3s = defineMethod(k3sSchema, {
  name: "k3s",
  title: "K3s",
  marks: MARKS,
  architectures,
  record: "k3s",
  daemonSets: ["calico-node"],
  nodeBits: 24,
  isOneProcess: true,
  endpoint: {
    cert: "/var/lib/rancher/k3s/server/tls/client-admin.crt",
    key: "/var/lib/rancher/k3s/server/tls/client-admin.key",
  },
  keyChanges: K3S_KEY_CHANGES,
  runs: { install: "k3s", controller: "k3s", others: "k3s" },
  reset: { wipe: { on: "each machine", step: resetStep } },
  create: (name, args, opts) => new K3s(name, args, opts),
  firewall: (_, members) => [typha(members)],
  packages: (members) => [clusterPackages(members)],
  controlPlane,
  downloads: k3sDownloads,
  problems: (_, site) => etcdElsewhere("K3s", site),
  secrets,
  pins: ({ release, checksums }) => ({
    "bootstrap.release": release,
    "bootstrap.checksums": JSON.stringify(checksums),
  }),
});

/** No digest is pinned: the configuration brings one for each architecture of its machines. */
function architectures({ checksums }: K3sConfig) {
  const missing = (architecture: Architecture) => missingDigests(checksums, ["k3s"], architecture);
  return { amd64: missing("amd64"), arm64: missing("arm64") };
}

function secrets({ tokenSecret, agentTokenSecret }: K3sConfig) {
  return Object.entries({ tokenSecret, agentTokenSecret }).flatMap(([key, name]) =>
    name === undefined
      ? []
      : [{ path: `bootstrap.${key}`, name, leftOut: "K3s's cluster cannot be adopted" }],
  );
}

function controlPlane(): ControlPlaneBackup {
  const server = "/var/lib/rancher/k3s/server";
  return {
    access: etcdOfServer(server),
    // K3s restores its etcd as RKE2 does: with its own program.
    member: { kind: "rke2", program: "/usr/local/bin/k3s", unit: "k3s.service" },
    files: [
      `${server}/tls`,
      `${server}/cred`,
      `${server}/token`,
      `${server}/agent-token`,
      `${ETC}/config.yaml`,
    ],
    kubectl: { program: FILES.kubectl, kubeconfig: FILES.kubeconfig },
  };
}
