import type { ControlPlaneBackup } from "../../backup/types";
import { defineMethod } from "../method";
import { clusterPackages, typha } from "../operator-facts";
import { etcdOfServer } from "../server-etcd";
import { etcdElsewhere } from "../server-roles";
import { rke2Schema } from "./config";
import { rke2Downloads } from "./downloads";
import { MARKS } from "./fixed";
import { RKE2_KEY_CHANGES } from "./key-changes";
import { REGISTRATION_PORT } from "./render-config";
import { Rke2 } from "./rke2";
import { resetStep } from "./steps";

/** RKE2: one server starts the cluster, the other machines register with it. */
export const rke2 = defineMethod(rke2Schema, {
  name: "rke2",
  title: "RKE2",
  marks: MARKS,
  architectures: () => ({ amd64: [], arm64: [] }),
  record: "rke2",
  // kube-proxy is a static pod.
  daemonSets: ["calico-node"],
  nodeBits: 24,
  endpoint: {
    cert: "/var/lib/rancher/rke2/server/tls/client-admin.crt",
    key: "/var/lib/rancher/rke2/server/tls/client-admin.key",
  },
  keyChanges: RKE2_KEY_CHANGES,
  runs: { install: "rke2", controller: "rke2", others: "rke2" },
  reset: { wipe: { on: "each machine", step: resetStep } },
  create: (name, args, opts) => new Rke2(name, args, opts),
  firewall: (_, members) => [
    typha(members),
    {
      machines: members.controlPlanes,
      purpose: "RKE2 registration",
      protocol: "tcp",
      ports: [REGISTRATION_PORT],
      from: ["machines"],
    },
  ],
  packages: (members) => [clusterPackages(members)],
  controlPlane,
  downloads: rke2Downloads,
  problems: (_, site) => etcdElsewhere("RKE2", site),
  pins: ({ release, artefactChecksum, artefactChecksumArm64 }) => ({
    "bootstrap.release": release,
    "bootstrap.artefactChecksum": artefactChecksum,
    "bootstrap.artefactChecksumArm64": artefactChecksumArm64,
  }),
});

function controlPlane(): ControlPlaneBackup {
  const server = "/var/lib/rancher/rke2/server";
  return {
    access: etcdOfServer(server),
    member: { kind: "rke2", program: "/usr/local/bin/rke2", unit: "rke2-server.service" },
    files: [`${server}/tls`, `${server}/cred`, `${server}/token`],
    kubectl: {
      program: "/var/lib/rancher/rke2/bin/kubectl",
      kubeconfig: "/etc/rancher/rke2/rke2.yaml",
    },
  };
}
