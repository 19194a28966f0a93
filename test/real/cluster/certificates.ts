import { once } from "node:events";
import { connect } from "node:tls";
import type { Machine } from "../../rig/machine";
import { waitFor } from "../../rig/wait";

const PORT = 6443;
const DAY = 86_400_000;

/** The certificate with which a machine's API server answers. */
export async function servedCertificate(
  machine: Machine,
): Promise<{ serial: string; daysLeft: number }> {
  const socket = connect({ host: machine.address, port: PORT, rejectUnauthorized: false });
  try {
    await once(socket, "secureConnect");
    const { serialNumber, valid_to: end } = socket.getPeerCertificate();
    return { serial: serialNumber, daysLeft: (Date.parse(end) - Date.now()) / DAY };
  } finally {
    socket.destroy();
  }
}

/** Seconds that certificates hold which are made to end. */
const SHORT = 90;

/**
 * Lets the certificates of a control plane end, as they do after a year: kubeadm makes others that hold for a short time,
 * and etcd starts again when they have ended, so that nobody goes on by an old connection.
 */
export async function endCertificates(machine: Machine): Promise<void> {
  await machine.exec(
    `export PATH=/usr/local/bin:$PATH KUBECONFIG=/etc/kubernetes/admin.conf
kubectl -n kube-system get configmap kubeadm-config -o jsonpath='{.data.ClusterConfiguration}' |
  sed 's/^certificateValidityPeriod: .*/certificateValidityPeriod: ${String(SHORT)}s/' >/run/short.yaml
grep -q '^certificateValidityPeriod: ${String(SHORT)}s' /run/short.yaml
kubeadm certs renew all --config /run/short.yaml`,
  );
  // The API server looks at its files once a minute.
  await waitFor(
    "the certificates to end",
    async () => (await servedCertificate(machine)).daysLeft < 0,
    600_000,
  );
  await machine.exec("pkill -x etcd");
}
