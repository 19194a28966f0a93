import { fixedRoles, fixedSettings, type FixedSetting } from "../fixed-settings";
import type { OwnMarks } from "../marks";
import { KUBEADM_KEY_CHANGES } from "./key-changes";
import type { KubeadmArgs } from "./render-config";

/** Kubespray's clusters are Kubernetes too: kubeadm's own have no such file. */
export const MARKS: OwnMarks = {
  distribution: "Kubernetes",
  foreignFiles: ["/etc/kubernetes/kubelet.env"],
};

/** What a running cluster keeps. */
export function fixed(args: KubeadmArgs): readonly FixedSetting[] {
  return fixedSettings(args, KUBEADM_KEY_CHANGES, fixedRoles(args.machines));
}
