import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Machine } from "../../node/machine";
import { whenKnown } from "../../remote/left-out";
import { RemoteStep } from "../../remote/remote-step";
import { byName, digestOf } from "../args";
import type { Cluster } from "../cluster";
import { nodesStep } from "../common-steps";
import { finishCluster } from "../finish";
import { arrivalsStep, type MembersArgs } from "../members";
import { renderFixedRecord, warnOfRefusal } from "../preview-fixed";
import { sayMembers } from "../preview-members";
import { createEncryptionKey } from "./encryption-key";
import { fixed } from "./fixed";
import type { JoinSecrets, KubeadmArgs } from "./render-config";
import { initStep, installStep, joinStep, tokenStep } from "./steps";

const FILES = { kubectl: "/usr/local/bin/kubectl", kubeconfig: "/etc/kubernetes/admin.conf" };

/** etcd is a pod on each control plane, and its program is in there. */
function membersOf({ name }: Machine): MembersArgs {
  const folder = "/etc/kubernetes/pki/etcd";
  const inPod = ["-n", "kube-system", "exec", `etcd-${name}`, "--", "etcdctl"];
  const access = ["cacert=ca.crt", "cert=server.crt", "key=server.key"].map(
    (option) => `--${option.replace("=", `=${folder}/`)}`,
  );
  return {
    files: FILES,
    etcdctl: [
      ...[FILES.kubectl, "--kubeconfig", FILES.kubeconfig, ...inPod],
      ...["--endpoints=https://127.0.0.1:2379", ...access],
    ],
  };
}

const joinSecrets = z.object({
  token: z.string(),
  caHash: z.string(),
  certificateKey: z.string(),
  upgradeToken: z.string().optional(),
  expires: z.number().optional(),
});

/** What token.sh has printed. */
export function parseJoinSecrets(text: string): JoinSecrets {
  return joinSecrets.parse(JSON.parse(text));
}

/** The cluster by kubeadm: programs on every machine, one control plane, the others join; Calico's operator. */
export class Kubeadm extends pulumi.ComponentResource implements Cluster {
  readonly kubeconfig: pulumi.Output<string>;
  readonly endpoint: pulumi.Output<string>;
  readonly ready: pulumi.Resource;
  readonly record: pulumi.Output<string>;

  constructor(name: string, args: KubeadmArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmstation:bootstrap:Kubeadm", name, {}, opts);
    const kept = fixed(args);
    warnOfRefusal(kept, args, this);
    sayMembers(args, this);
    const { controller } = args;
    const joining = byName(args.machines).filter((machine) => machine.name !== controller.name);

    const key = args.config.encryption ? createEncryptionKey(name, this) : pulumi.output(undefined);
    const installed = this.install(name, args, controller);
    const init = this.init(name, args, controller, key, installed);
    const arrivals = new RemoteStep(
      `${name}-arrivals`,
      {
        machine: controller,
        access: args.access,
        step: arrivalsStep(args, membersOf(controller)),
        onDelete: "keep",
      },
      { parent: this, dependsOn: [init] },
    );
    const joined =
      joining.length === 0
        ? []
        : this.join(name, args, controller, joining, key, arrivals, installed);
    const labelled = new RemoteStep(
      `${name}-nodes`,
      {
        machine: controller,
        access: args.access,
        step: nodesStep(args, membersOf(controller)),
        onDelete: "keep",
      },
      { parent: this, dependsOn: [arrivals, ...joined] },
    );
    const cluster = finishCluster(this, name, args, controller, labelled, {
      files: FILES,
      revision: digestOf([args.config, args.machines.map((m) => m.name).sort()]),
    });

    this.kubeconfig = cluster.kubeconfig;
    this.endpoint = cluster.endpoint;
    this.ready = cluster.ready;
    // Once every machine is part of the cluster.
    this.record = labelled.stdout.apply(() => renderFixedRecord(kept, args.machines));
    this.registerOutputs({ kubeconfig: this.kubeconfig, endpoint: this.endpoint });
  }

  private install(name: string, args: KubeadmArgs, controller: Machine): Map<string, RemoteStep> {
    return new Map(
      args.machines.map((machine) => [
        machine.name,
        new RemoteStep(
          `${name}-install-${machine.name}`,
          {
            machine,
            access: args.access,
            step: installStep(args, machine, machine.name === controller.name),
            onDelete: "keep",
          },
          { parent: this },
        ),
      ]),
    );
  }

  private init(
    name: string,
    args: KubeadmArgs,
    machine: Machine,
    key: pulumi.Output<string | undefined>,
    installed: ReadonlyMap<string, RemoteStep>,
  ): RemoteStep {
    return new RemoteStep(
      `${name}-init`,
      {
        machine,
        access: args.access,
        step: key.apply((value) => initStep(args, machine, value)),
        onDelete: "keep",
      },
      { parent: this, dependsOn: here(installed, machine), retainOnDelete: true },
    );
  }

  private join(
    name: string,
    args: KubeadmArgs,
    controller: Machine,
    joining: readonly Machine[],
    key: pulumi.Output<string | undefined>,
    arrivals: RemoteStep,
    installed: ReadonlyMap<string, RemoteStep>,
  ): RemoteStep[] {
    const { access } = args;
    const token = new RemoteStep(
      `${name}-token`,
      {
        machine: controller,
        access,
        step: tokenStep(args, joining),
        onDelete: "keep",
        secretOutput: true,
      },
      { parent: this, dependsOn: [arrivals] },
    );
    const printed = pulumi.secret(token.stdout);
    return joining.map(
      (machine) =>
        new RemoteStep(
          `${name}-join-${machine.name}`,
          {
            machine,
            access,
            step: pulumi
              .all([printed, key])
              .apply(([text, value]) =>
                whenKnown(text, (found) =>
                  joinStep(args, controller, machine, parseJoinSecrets(found), value),
                ),
              ),
            onDelete: "keep",
          },
          { parent: this, dependsOn: here(installed, machine), retainOnDelete: true },
        ),
    );
  }
}

function here(steps: ReadonlyMap<string, RemoteStep>, machine: Machine): RemoteStep[] {
  const found = steps.get(machine.name);
  return found === undefined ? [] : [found];
}
