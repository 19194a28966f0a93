import type * as k8s from "@pulumi/kubernetes";
import type { AppFrameValues } from "../frame/app";
import { renderPodSecurity, RESTRICTED_CONTAINER } from "../../shared/pod-security";
import { renderImage } from "../frame/sources";
import type { VaultConfig } from "./config";
import { COPIED, ENGINES } from "./engines";

type Container = k8s.types.input.core.v1.Container;

/** What is particular about a container of the engine. */
interface EngineContainer extends Pick<
  Container,
  "name" | "command" | "ports" | "startupProbe" | "readinessProbe" | "livenessProbe" | "resources"
> {
  readonly env: readonly k8s.types.input.core.v1.EnvVar[];
  readonly volumeMounts: readonly k8s.types.input.core.v1.VolumeMount[];
}

/** A pod of the engine's image under Pod Security `restricted`, with one container that runs its program. */
export function renderEnginePod(
  config: VaultConfig,
  frame: AppFrameValues,
  container: EngineContainer,
  volumes: readonly k8s.types.input.core.v1.Volume[],
): k8s.types.input.core.v1.PodSpec {
  const engine = ENGINES[config.engine];
  const hasClaim = [config.data, config.snapshots].some((each) => each.storageClass !== undefined);
  const image = renderImage(engine.image, frame.sources);
  const mounts = [
    { name: "tmp", mountPath: "/tmp" },
    ...(engine.isCopied ? [{ name: "program", mountPath: COPIED }] : []),
  ];
  const shared = { image, securityContext: RESTRICTED_CONTAINER };
  return {
    nodeSelector: { ...frame.placement.nodeSelector },
    tolerations: frame.placement.tolerations,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: renderPodSecurity(config.uid, hasClaim),
    initContainers: engine.isCopied ? [{ ...renderCopy(), ...shared }] : [],
    containers: [
      {
        ...container,
        ...shared,
        env: [...variables({ HOME: "/tmp" }), ...container.env],
        volumeMounts: [...mounts, ...container.volumeMounts],
      },
    ],
    volumes: [
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      ...(engine.isCopied ? [{ name: "program", emptyDir: { sizeLimit: "1Gi" } }] : []),
      ...volumes,
    ],
  };
}

/** Copying leaves the file's capabilities behind. */
function renderCopy(): Container {
  return {
    name: "copy-program",
    command: ["/bin/sh", "-ec", `cp "$(command -v vault)" ${COPIED}/vault`],
    volumeMounts: [{ name: "program", mountPath: COPIED }],
    resources: {
      requests: { cpu: "50m", memory: "32Mi" },
      limits: { cpu: "1", memory: "256Mi" },
    },
  };
}

export function variables(values: Readonly<Record<string, string>>) {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}
