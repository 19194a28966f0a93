import { readScript, type Step } from "../remote/step";
import { bootstrapImages } from "../versions";
import type { ClusterArgs } from "./args";
import { addonMachines } from "./facts";

const LIBRARY = "/usr/local/lib/vmstation/bootstrap";

/** Where a method keeps kubectl and the administrator's kubeconfig on the controller. */
export interface ClusterFiles {
  readonly kubectl: string;
  readonly kubeconfig: string;
}

/** `revision` changes with each run, so that the kubeconfig is read anew after it. */
export function kubeconfigStep(files: ClusterFiles, endpoint: string, revision: string): Step {
  return {
    name: "bootstrap-kubeconfig",
    script: readScript(__dirname, "files/kubeconfig.sh"),
    libraries: [],
    settings: { KUBECONFIG: files.kubeconfig, ENDPOINT: endpoint, REVISION: revision },
  };
}

/** What verify.py checks: these machines, and a pod of this image on an always-on one. */
export function renderVerifySpec(args: ClusterArgs): object {
  const machines = args.machines.map(
    (m) =>
      [
        m.name,
        { address: m.address, port: m.sshPort, sleeps: m.sleeps, offline: m.offline },
      ] as const,
  );
  const [home] = addonMachines(args.config, args.machines);
  return {
    machines: Object.fromEntries([...machines].sort(([a], [b]) => (a < b ? -1 : 1))),
    image: bootstrapImages.pause,
    selector: home === undefined ? {} : { "kubernetes.io/hostname": home },
  };
}

export function verifyStep(args: ClusterArgs, files: ClusterFiles, revision: string): Step {
  return {
    name: "bootstrap-verify",
    script: readScript(__dirname, "files/verify.sh"),
    libraries: ["files"],
    settings: {
      KUBECTL: files.kubectl,
      KUBECONFIG: files.kubeconfig,
      VERIFIER: `${LIBRARY}/verify.py`,
      SPEC: `${LIBRARY}/verify.json`,
      REVISION: revision,
    },
    files: [
      {
        path: `${LIBRARY}/verify.py`,
        content: readScript(__dirname, "files/verify.py"),
        mode: "0755",
        validate: "python",
      },
      {
        path: `${LIBRARY}/verify.json`,
        content: `${JSON.stringify(renderVerifySpec(args), null, 2)}\n`,
      },
    ],
  };
}
