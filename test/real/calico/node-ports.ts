import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { KubernetesObject } from "../../rig/engine/objects";
import type { Rig } from "../../rig/rig";
import { waitFor } from "../../rig/wait";
import type { RealLab } from "../cluster/lab";
import { ask, askFromLan, NODE_PORT, WEB_SERVICE } from "../cluster/pods";
import type { Real } from "../running-real";

const POLICY = "globalnetworkpolicies.projectcalico.org/vmstation-node-ports";

/** An address of the rig's controller that is in no network of the stack's: documentation's own (RFC 5737). */
const ELSEWHERE = "198.51.100.7";

/** From where which machines answer, by name. */
interface Reached {
  readonly lan: readonly string[];
  readonly pod: readonly string[];
  readonly elsewhere: readonly string[];
}

/** Asks every machine's NodePort from the LAN, from a pod and from another network. */
async function measureNodePorts(lab: RealLab, rig: Rig): Promise<Reached> {
  const from = async (
    reaches: (address: string) => Promise<boolean>,
  ): Promise<readonly string[]> => {
    const found = rig.machines.map(async ({ name, address }) =>
      (await reaches(address)) ? [name] : [],
    );
    return (await Promise.all(found)).flat();
  };
  const url = (address: string): string => `http://${address}:${String(NODE_PORT)}`;
  const answers = (text: string | undefined): boolean => text?.startsWith("stranger ") === true;
  const friend = { namespace: "open", name: "friend" };
  const [lan, pod, elsewhere] = await Promise.all([
    from(async (address) => answers(await askFromLan(url(address), rig.network.controller))),
    from(async (address) => answers(await ask(lab.objects, friend, url(address)))),
    from(async (address) => answers(await askFromLan(url(address), ELSEWHERE))),
  ]);
  return { lan, pod, elsewhere };
}

const policySchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string() }).transform(({ name }) => ({ name })),
  spec: z.unknown(),
});

/** An object of the cluster as somebody would write it: without what the cluster has added. */
function renderAgain(text: string): KubernetesObject {
  return policySchema.parse(JSON.parse(text));
}

/**
 * That NodePorts answer the LAN and pods alone, by Calico's policy: the machines' own firewall, which forbids the same, lets
 * them through meanwhile. The matrix's pods have to be there.
 */
export async function assertNodePorts({ lab, rig }: Real): Promise<void> {
  const all = rig.machines.map(({ name }) => name);
  const closed = { lan: all, pod: all, elsewhere: [] };
  const awaitReached = async (expected: Reached): Promise<void> => {
    let measured: Reached | undefined;
    await waitFor(
      "the NodePorts' answers",
      async () => {
        measured = await measureNodePorts(lab, rig);
        return isDeepStrictEqual(measured, expected);
      },
      90_000,
    ).catch(() => {
      assert.deepEqual(measured, expected);
    });
  };
  const onAll = (command: string): Promise<unknown> =>
    Promise.all(rig.machines.map((machine) => machine.exec(command)));
  await lab.objects.apply(WEB_SERVICE);
  await rig.local(`ip address replace ${ELSEWHERE}/32 dev lo`);
  await awaitReached(closed);
  await onAll("nft flush chain inet vmstation node-ports");
  await awaitReached(closed);
  // So that it is this policy that closes them, and nothing else.
  const policy = await lab.kubectl("get", POLICY, "-o", "json");
  await lab.kubectl("delete", POLICY);
  await awaitReached({ ...closed, elsewhere: all });
  await lab.objects.apply(renderAgain(policy));
  await awaitReached(closed);
  await onAll("systemctl restart vmstation-firewall");
  await awaitReached(closed);
}
