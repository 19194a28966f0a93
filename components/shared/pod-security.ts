/** The container part of Pod Security `restricted`. */
export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};

/**
 * The pod part of Pod Security `restricted`, under one user and group. The file system of a claim is root's when it is
 * new: the kubelet gives it to the pod's group.
 */
export function renderPodSecurity(uid: number, hasClaim = false) {
  return {
    ...(hasClaim ? { fsGroup: uid, fsGroupChangePolicy: "OnRootMismatch" } : {}),
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: uid,
    seccompProfile: { type: "RuntimeDefault" },
  };
}
