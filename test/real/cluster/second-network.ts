import assert from "node:assert/strict";
import { plugStranger } from "../../rig/network";
import { waitFor } from "../../rig/wait";
import type { Real } from "../running-real";
import { askFromLan, NODE_PORT, WEB_SERVICE } from "./pods";

/** In no machine's configuration. */
const STRANGER = "10.215.0.200";

const SSH = 22;

/** What machines have for each other and for the LAN: API server, etcd, kubelet, and the pods' Service. */
const CLOSED = [6443, 2379, 2380, 10250, NODE_PORT];

/** Which of a machine's ports somebody else on the second bridge can connect to. */
async function openPorts(
  { rig }: Pick<Real, "rig">,
  namespace: string,
  address: string,
): Promise<number[]> {
  const asked = [SSH, ...CLOSED].map(async (port) => {
    const connect = `timeout 3 bash -c '</dev/tcp/${address}/${String(port)}'`;
    const { code } = await rig.local(`nsenter --net=${namespace} ${connect}`);
    return code === 0 ? [port] : [];
  });
  return (await Promise.all(asked)).flat();
}

/**
 * That a NodePort answers the LAN at every machine, and nothing of the cluster answers somebody on the second bridge who is
 * no machine. The matrix's pods have to be there.
 */
export async function assertNodePort(real: Real): Promise<void> {
  const { lab, rig } = real;
  await lab.objects.apply(WEB_SERVICE);
  for (const { address } of rig.machines)
    await waitFor(`the port of ${address}`, async () =>
      (await askFromLan(`http://${address}:${String(NODE_PORT)}`))?.startsWith("stranger "),
    );
  const stranger = await plugStranger(STRANGER);
  // By way of a machine, which forwards packets for its pods.
  const router = rig.machine("maple").spec.second?.address ?? "";
  await rig.local(`ip -n stranger route add ${rig.network.cidr} via ${router}`);
  for (const { name, address, spec } of rig.machines) {
    // Where SSH answers, the others are closed by the machine, and not by the way there.
    assert.deepEqual(await openPorts(real, stranger, spec.second?.address ?? ""), [SSH], name);
    const onLan = await openPorts(real, stranger, address);
    assert.deepEqual(
      onLan.filter((port) => port !== SSH),
      [],
      `${name}'s address on the LAN`,
    );
  }
}
