import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { NamespaceNeed } from "../shared/facts";
import type { Machine } from "../node/machine";
import type { RemoteAccess } from "../remote/machine";
import { RemoteStep } from "../remote/remote-step";
import { podsReachStep } from "./pods-reach-step";
import { hostEndpointLabels, renderHostEndpoint, renderNodePortPolicy } from "./render-calico";
import { renderNamespacePolicies } from "./render-policies";

export interface NetworkArgs {
  /** The machines of the cluster. */
  machines: readonly Machine[];
  access: RemoteAccess;
  /** The control plane from which is seen whether pods reach each other. */
  controller: Machine;
  /** The LAN's network: NodePorts answer only there. */
  lan: string;
  podCidr: string;
  /** Of pods that do nothing. */
  smokeImage: string;
  /** Namespaces that the later layers own, with what each must let through. */
  namespaces: readonly NamespaceNeed[];
}

const CALICO = "projectcalico.org/v3";

/**
 * What Calico's installation leaves open: the program's namespaces, each with a default deny and the traffic
 * that its parts asked for, and NodePorts closed to everything but the LAN.
 */
export class Network extends pulumi.ComponentResource {
  /** Names of the namespaces made here. */
  readonly namespaces: pulumi.Output<string[]>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmstation:network:Network", name, {}, opts);
    const nodePorts = this.limitNodePorts(name, args);
    const namespaces = args.namespaces.map((need) => this.createNamespace(name, need));
    this.namespaces = pulumi.all(namespaces.map((namespace) => namespace.metadata.name));
    this.seePodsReach(name, args, nodePorts);
    this.registerOutputs({ namespaces: this.namespaces });
  }

  private limitNodePorts(name: string, args: NetworkArgs): pulumi.Resource {
    const endpoints = args.machines.map(
      (machine) =>
        new k8s.apiextensions.CustomResource(
          `${name}-host-${machine.name}`,
          {
            apiVersion: CALICO,
            kind: "HostEndpoint",
            metadata: { name: `${machine.name}-lan`, labels: hostEndpointLabels() },
            spec: renderHostEndpoint(machine),
          },
          { parent: this },
        ),
    );
    return new k8s.apiextensions.CustomResource(
      `${name}-node-ports`,
      {
        apiVersion: CALICO,
        kind: "GlobalNetworkPolicy",
        metadata: { name: "vmstation-node-ports" },
        spec: renderNodePortPolicy(args.lan, args.podCidr),
      },
      { parent: this, dependsOn: endpoints },
    );
  }

  /** Once no policy of ours can close a way any more: those of the namespaces concern none but their own pods. */
  private seePodsReach(
    name: string,
    { controller, machines, access, lan, podCidr, smokeImage }: NetworkArgs,
    nodePorts: pulumi.Resource,
  ): void {
    new RemoteStep(
      `${name}-ready-${controller.name}`,
      {
        machine: controller,
        access,
        step: podsReachStep(controller, machines, smokeImage, [lan, podCidr]),
      },
      // Before its name held the machine's.
      { parent: this, dependsOn: nodePorts, aliases: [{ name: `${name}-ready` }] },
    );
  }

  private createNamespace(name: string, need: NamespaceNeed): k8s.core.v1.Namespace {
    const namespace = new k8s.core.v1.Namespace(
      `${name}-${need.name}`,
      {
        metadata: {
          name: need.name,
          labels: {
            "app.kubernetes.io/managed-by": "vmstation",
            "pod-security.kubernetes.io/enforce": need.podSecurity,
            "pod-security.kubernetes.io/warn": need.podSecurity,
          },
        },
      },
      { parent: this },
    );
    for (const policy of renderNamespacePolicies(need)) {
      new k8s.networking.v1.NetworkPolicy(
        `${name}-${need.name}-${policy.name}`,
        { metadata: { name: policy.name, namespace: namespace.metadata.name }, spec: policy.spec },
        { parent: this },
      );
    }
    return namespace;
  }
}
