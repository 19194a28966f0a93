import type { Machine } from "../node/machine";
import { readScript, type Step } from "../remote/step";
import { renderSmokePod } from "../shared/smoke-pod";

const FOLDER = "/usr/local/lib/vmstation/network";

/** What pods_reach.py looks at: a pod for each machine, and which machines may be asleep. */
export function renderPodsReach(
  controller: Machine,
  machines: readonly Machine[],
  image: string,
): object {
  const here = machines
    .filter((machine) => !machine.offline)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    from: controller.name,
    machines: Object.fromEntries(
      here.map(({ name, address, sshPort, sleeps }) => [name, { address, port: sshPort, sleeps }]),
    ),
    pods: Object.fromEntries(
      here.map(({ name }) => [
        name,
        renderSmokePod(`vmstation-reach-${name}`, image, { "kubernetes.io/hostname": name }),
      ]),
    ),
  };
}

/** Pods of an image on the machines that are up reach each other. `basis`: what else it is seen again for. */
export function podsReachStep(
  controller: Machine,
  machines: readonly Machine[],
  image: string,
  basis: readonly string[],
): Step {
  return {
    name: "network-ready",
    script: readScript(__dirname, "files/pods-reach.sh"),
    libraries: ["files"],
    settings: {
      CHECK: `${FOLDER}/pods_reach.py`,
      SPEC: `${FOLDER}/pods-reach.json`,
      BASIS: basis,
    },
    files: [
      {
        path: `${FOLDER}/pods_reach.py`,
        content: readScript(__dirname, "files/pods_reach.py"),
        mode: "0755",
        validate: "python",
      },
      {
        path: `${FOLDER}/pods-reach.json`,
        content: `${JSON.stringify(renderPodsReach(controller, machines, image), null, 2)}\n`,
      },
    ],
  };
}
