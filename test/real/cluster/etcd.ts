/** etcdctl in the pod of a machine's own etcd, as kubectl's words. */
export function etcdctl(machine: string, ...words: string[]): string[] {
  const pki = "/etc/kubernetes/pki/etcd";
  const tls = [`--cacert=${pki}/ca.crt`, `--cert=${pki}/server.crt`, `--key=${pki}/server.key`];
  return ["exec", "-n", "kube-system", `etcd-${machine}`, "--", "etcdctl", ...tls, ...words];
}
