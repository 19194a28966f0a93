/** Whether a namespace is Kubernetes' own, or that of what the bootstrap installs. */
export function isReservedNamespace(name: string): boolean {
  return name === "default" || name.startsWith("kube-") || /^(calico|tigera)(-|$)/.test(name);
}
