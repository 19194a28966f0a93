import { FOURTH } from "../../rig/machine-spec";
import type { Machine } from "../../rig/machine";

/** The address that several control planes are behind. */
export const ADDRESS = "10.213.0.9";

/** The roles of a control plane. */
export const CONTROL = { roles: ["control-plane", "etcd"] };

const { address, mac, nic } = FOURTH;

/** A machine more than the stack describes: a third control plane. */
export const WALNUT = {
  ...{ address, mac, nic, os: "debian-12", sshUser: "ops", dns: ["10.213.0.1"] },
  ...CONTROL,
};

const NEW_HOST_KEY = `rm /etc/ssh/ssh_host_*
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
systemctl restart ssh
cut -d ' ' -f 1-2 /etc/ssh/ssh_host_ed25519_key.pub`;

/** Gives a machine another host key, as another machine has one, and returns it. */
export async function changeHostKey(machine: Machine): Promise<string> {
  const { stdout } = await machine.exec(NEW_HOST_KEY);
  return stdout.trim();
}
