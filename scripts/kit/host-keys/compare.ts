import { confirm } from "../terminal/confirm";

const COMMAND = "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub";

const UNATTENDED =
  "Somebody has to compare the fingerprints, and stdin is not a terminal.\n" +
  `At each machine's console, run\n  ${COMMAND}\n` +
  "If it prints the same fingerprint, run this command again with --yes.";

/** Asks whether the fingerprints are right. A key that came over the network proves nothing: only a person can compare it. */
export function confirmFingerprints(question: string): Promise<boolean> {
  return confirm({
    text: `At each machine's console, run: ${COMMAND}\n${question}`,
    unattended: UNATTENDED,
  });
}

/** Proxmox's own pages show the fingerprints; pvenode prints them on the host itself. */
const BY_PROXMOX =
  "Compare each fingerprint with the one that Proxmox has: its pages (the host, System, Certificates), or on the host: pvenode cert info";

/** Asks whether the fingerprints of hosts' certificates are right. */
export function confirmCertificates(question: string): Promise<boolean> {
  return confirm({
    text: `${BY_PROXMOX}\n${question}`,
    unattended: `Somebody has to compare the fingerprints, and stdin is not a terminal.\n${BY_PROXMOX}\nIf they are the same, run this command again with --yes.`,
  });
}
