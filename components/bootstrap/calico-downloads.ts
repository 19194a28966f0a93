import { calico, calicoOperator } from "../versions";
import { addonMachines } from "./addon-machines";
import type { ClusterArgs } from "./args";
import { operatorManifests } from "./artefacts";
import type { CommonConfig } from "./common-config";
import { everyMachine, needsOf, withoutMirror, type Downloads } from "./downloads";

const REGISTRY = "quay.io/calico";

/** What runs on each machine, and Typha, which runs on some of them. */
const EVERYWHERE = ["cni", "csi", "node", "node-driver-registrar", "pod2daemon-flexvol", "typha"];
const FLOATING = ["apiserver", "kube-controllers"];

/** Where what is bound to machines that never sleep may run. */
export function floatingMachines(
  args: Pick<ClusterArgs, "config" | "machines">,
): readonly string[] {
  const bound = addonMachines(args.config, args.machines);
  return bound.length === 0 ? everyMachine(args) : bound;
}

type OperatorConfig = CommonConfig & Parameters<typeof operatorManifests>[0];

/** Calico where the Tigera operator installs it: its manifests, and the images that the operator then runs. */
export function calicoDownloads(args: ClusterArgs<OperatorConfig>): Downloads {
  const { config } = withoutMirror(args);
  const files = needsOf(operatorManifests(config, "/"), [args.controller.name]);
  if (config.checksums.operator !== undefined) {
    const what = "the images of Calico: bootstrap.checksums.operator names a manifest of your own";
    const advice = "copy the images that your manifest names, and those of its operator's release";
    return { files, images: [], unlisted: [{ what, advice }] };
  }
  const images = (machines: readonly string[], names: readonly string[]) =>
    names.map((name) => ({ image: `${REGISTRY}/${name}:v${calico.version}`, machines }));
  return {
    files,
    images: [
      { image: calicoOperator, machines: everyMachine(args) },
      ...images(everyMachine(args), EVERYWHERE),
      ...images(floatingMachines(args), FLOATING),
    ],
    unlisted: [],
  };
}
