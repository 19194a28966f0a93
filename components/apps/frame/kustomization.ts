import * as path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { AppFrame, AppFrameValues, AppPlan } from "./app";
import { generatedFolder } from "./generated";
import { renderRepository } from "./sources";
import { writeWhole } from "./write-whole";

export interface KustomizationArgs extends Pick<AppPlan, "workload" | "service" | "ports"> {
  /** The Kustomize folder, as "files/notes" beside the app's file resolves to. */
  readonly folder: string;
  /** Images without their tags, as the folder writes them; a mirror takes their place where one is configured. */
  readonly images: readonly string[];
  /** Strategic merge patches: what the app's own configuration changes in the folder's objects. */
  readonly patches?: readonly object[];
}

/**
 * An app that comes as a Kustomize folder. An overlay puts it into the app's frame, on top of whatever the folder
 * says: namespace, labels, the machine, who owns the port; the number of pods is left to the power layer.
 */
export function deployKustomization(
  args: KustomizationArgs,
  frame: AppFrame,
): k8s.kustomize.v2.Directory {
  return createOverlay((base) => renderOverlay(args, frame, base), args.folder, frame, []);
}

/** An overlay over a folder, which `render` makes of the way to it, and what Kustomize makes of both. */
export function createOverlay(
  render: (base: string) => object,
  folder: string,
  frame: AppFrame,
  after: readonly pulumi.Resource[],
): k8s.kustomize.v2.Directory {
  const overlay = generatedFolder("kustomize", frame.namespace);
  const text = `${JSON.stringify(render(path.relative(overlay, folder)), null, 2)}\n`;
  writeWhole(path.join(overlay, "kustomization.yaml"), text);
  return new k8s.kustomize.v2.Directory(
    `${frame.prefix}-folder`,
    {
      // Relative, so that the state is the same in every clone.
      directory: `./${path.relative(process.cwd(), overlay)}`,
      namespace: frame.namespace,
      resourcePrefix: frame.prefix,
      skipAwait: frame.sleeps,
    },
    frame.after(...after),
  );
}

/** The overlay's kustomization (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/). */
export function renderOverlay(args: KustomizationArgs, frame: AppFrameValues, base: string) {
  return {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    namespace: frame.namespace,
    resources: [base],
    labels: [{ pairs: frame.labels, includeSelectors: false, includeTemplates: true }],
    images: args.images.map((name) => ({ name, newName: renderRepository(name, frame.sources) })),
    patches: [
      renderWorkload(args, frame),
      ...renderServices(args, frame),
      ...(args.patches ?? []),
    ].map((patch) => ({ patch: JSON.stringify(patch) })),
  };
}

/** A key with null is removed from the folder's object. */
function renderWorkload({ workload }: KustomizationArgs, { placement }: AppFrameValues): object {
  return {
    apiVersion: "apps/v1",
    kind: workload.kind,
    metadata: { name: workload.name },
    spec: { replicas: null, template: { spec: placement } },
  };
}

function renderServices({ service, ports }: KustomizationArgs, frame: AppFrameValues): object[] {
  const owned = frame.serviceType === "NodePort";
  return renderServicePatches(
    { name: service, type: frame.serviceType },
    ports.map(({ port, nodePort }) => ({ port, nodePort: owned ? (nodePort ?? null) : null })),
  );
}

/**
 * Patches for a Service. Kustomize knows a port by its number and its protocol as they are written: a patch that names a
 * protocol changes nothing where the folder leaves it out, and says nothing. So each port is patched both ways.
 */
export function renderServicePatches(
  { name, type }: { readonly name: string; readonly type: string },
  ports: readonly { readonly port: number; readonly nodePort: number | null }[],
): object[] {
  return [{}, { protocol: "TCP" }].map((protocol) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { type, ports: ports.map((each) => ({ ...each, ...protocol })) },
  }));
}
