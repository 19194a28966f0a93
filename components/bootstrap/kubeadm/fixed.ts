import type { Machine } from "../../node/machine";
import { fixedOfMachines, fixedSettings, type FixedSetting } from "../fixed-settings";
import type { OwnMarks } from "../marks";
import { KUBEADM_KEY_CHANGES } from "./key-changes";
import type { KubeadmArgs } from "./render-config";

/** Kubespray's clusters are Kubernetes too: kubeadm's own have no such file. */
export const MARKS: OwnMarks = {
  distribution: "Kubernetes",
  foreignFiles: ["/etc/kubernetes/kubelet.env"],
};

/** What a running cluster keeps, and one machine of it. */
export function fixed(args: KubeadmArgs, machine?: Machine): readonly FixedSetting[] {
  return fixedSettings(args, KUBEADM_KEY_CHANGES, fixedOfMachines(args, machine));
}
