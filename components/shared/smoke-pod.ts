import { bootstrapImages, imageOf } from "../versions";

/** The image of a pod that does nothing; `digest` instead of its own where a mirror has packed it otherwise. */
export function smokeImage(digest: string | undefined): string {
  return imageOf(bootstrapImages.pause, digest);
}

/** A pod that does nothing but run and have an address, allowed where Pod Security is `restricted`; on selected nodes. */
export function renderSmokePod(
  name: string,
  image: string,
  nodeSelector: Readonly<Record<string, string>>,
) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: {
      automountServiceAccountToken: false,
      nodeSelector,
      tolerations: [{ operator: "Exists", effect: "NoSchedule" }],
      terminationGracePeriodSeconds: 0,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65535,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "pause",
          image,
          resources: { limits: { cpu: "50m", memory: "16Mi" } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
          },
        },
      ],
    },
  };
}
