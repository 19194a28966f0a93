import { z } from "zod";
import type { KubernetesObject } from "../../rig/engine/objects";
import type { Real } from "../running-real";
import type { Fault } from "./faults";
import { renderWebPod } from "./pods";

const NAMESPACE = "faults";
const MACHINE = "spruce";

const specSchema = z.looseObject({ containers: z.array(z.looseObject({})) });

/** A pod like the others, but for a part of it. */
function renderPod(name: string, { container = {}, ...spec }: Record<string, object>): object {
  const pod = renderWebPod({ namespace: NAMESPACE, name, machine: MACHINE, labels: { app: name } });
  const { containers, ...others } = specSchema.parse(pod.spec);
  return {
    ...pod,
    spec: { ...others, containers: containers.map((one) => ({ ...one, ...container })), ...spec },
  };
}

const claim = (name: string, spec: object): object => ({
  ...{ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { namespace: NAMESPACE, name } },
  spec: {
    ...{ accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
    ...spec,
  },
});

const VOLUME = {
  ...{ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "kept" } },
  spec: {
    ...{ accessModes: ["ReadWriteOnce"], capacity: { storage: "1Mi" } },
    ...{ storageClassName: "faults", persistentVolumeReclaimPolicy: "Retain" },
    hostPath: { path: "/srv/kept" },
  },
};

const KEPT = claim("kept", { storageClassName: "faults", volumeName: "kept" });

/** A namespace of its own for objects that are as nobody wants them. */
async function create({ lab }: Real, objects: readonly object[]): Promise<void> {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } };
  for (const object of [namespace, ...objects]) await lab.objects.apply(object as KubernetesObject);
}

const remove = ({ lab }: Real): Promise<string> =>
  lab.kubectl("delete", "namespace", NAMESPACE, "--timeout=80s");

/** Faults that are objects of the cluster. */
export const POD_FAULTS: readonly Fault[] = [
  {
    what: "pods have no image, no settings and no machine",
    seen: {
      "pods: images": /^faults\/no-image \(web: (ErrImagePull|ImagePullBackOff)\)$/,
      "pods: start": /^faults\/no-settings \(web: CreateContainerConfigError\)$/,
      "pods: pending": /faults\/no-machine/,
    },
    break: (real) =>
      create(real, [
        renderPod("no-image", { container: { image: "docker.io/vmstation/nothing:1" } }),
        renderPod("no-settings", {
          container: { envFrom: [{ configMapRef: { name: "nothing" } }] },
        }),
        renderPod("no-machine", { nodeSelector: { nowhere: "yes" } }),
      ]),
    mend: remove,
  },
  {
    what: "a claim waits, and a volume has lost its claim",
    seen: {
      "storage: claims": /^faults\/waits is Pending$/,
      "storage: volumes": /^kept is Released$/,
    },
    break: async (real) => {
      await create(real, [VOLUME, KEPT, claim("waits", { storageClassName: "nothing" })]);
      const bound = "--for=jsonpath={.status.phase}=Bound";
      await real.lab.kubectl("-n", NAMESPACE, "wait", bound, "pvc/kept", "--timeout=60s");
      await real.lab.kubectl("-n", NAMESPACE, "delete", "pvc", "kept");
    },
    mend: async (real) => {
      await real.lab.kubectl("delete", "pv", "kept");
      await remove(real);
    },
  },
  {
    what: "nothing is behind a Service",
    seen: { "services: endpoints": /^faults\/empty$/ },
    break: (real) =>
      create(real, [
        {
          ...{
            apiVersion: "v1",
            kind: "Service",
            metadata: { namespace: NAMESPACE, name: "empty" },
          },
          spec: { selector: { app: "nothing" }, ports: [{ port: 80 }] },
        },
      ]),
    mend: remove,
  },
];
