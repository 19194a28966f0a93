import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { RemoteStep } from "../../remote/remote-step";
import { createRelease } from "../../shared/chart-release";
import { definePart, type PartFrame, type PlatformSite } from "../part";
import { steadyMachines } from "../place";
import { CEPH_SECRET, renderClasses } from "./classes";
import { storageSchema, type CephConfig, type StorageConfig } from "./config";
import { storageFacts } from "./facts";
import { renderFolderStep, type VolumesFolder } from "./folder-step";
import { createLocal } from "./local";
import { NAMESPACES, PATH } from "./names";
import { storageProblems } from "./problems";
import { renderCephRelease, renderNfsRelease } from "./render-values";

/** Storage classes: folders of machines, a storage machine over NFS, an existing Ceph. */
export const storage = definePart({
  schema: storageSchema,
  plan: (config, site) => ({
    facts: storageFacts(config, site),
    problems: storageProblems(config, site),
    checks: {
      classes: Object.fromEntries(
        renderClasses(config, "").map(({ metadata, provisioner }) => [metadata.name, provisioner]),
      ),
      drivers: renderClasses(config, "").flatMap(({ provisioner }) =>
        provisioner.includes(".csi.") ? [provisioner] : [],
      ),
    },
    create: (frame) => create(config, site, frame),
  }),
});

function create(
  config: StorageConfig,
  site: PlatformSite,
  frame: PartFrame,
): readonly pulumi.Resource[] {
  const { prefix, opts, charts } = frame;
  const drivers = { steady: steadyMachines(site.machines), charts };
  const folders = createFolders(config, site, frame);
  const made: pulumi.Resource[] = [...folders];
  if (config.local !== undefined)
    made.push(...createLocal(`${prefix}-local`, { config: config.local, ...drivers }, opts));
  if (config.nfs !== undefined)
    made.push(createRelease(prefix, renderNfsRelease(drivers), NAMESPACES.nfs, charts, opts()));
  if (config.ceph !== undefined) {
    const release = renderCephRelease(config.ceph, drivers);
    made.push(createRelease(prefix, release, NAMESPACES.ceph, charts, opts()));
    const secret = createCephSecret(config.ceph, frame);
    if (secret !== undefined) made.push(secret);
  }
  const server = serverOf(config, site);
  return renderClasses(config, server).map(
    (args) =>
      new k8s.storage.v1.StorageClass(`${prefix}-class-${args.metadata.name}`, args, {
        ...opts(made),
        // Parameters of a class never change, and its name is free only when it is gone.
        deleteBeforeReplace: true,
      }),
  );
}

function serverOf({ nfs }: StorageConfig, { machines }: PlatformSite): string {
  return nfs?.server ?? machines.find(({ name }) => name === nfs?.machine)?.address ?? "";
}

function createFolders(
  { local, nfs }: StorageConfig,
  { machines }: PlatformSite,
  { prefix, opts, access }: PartFrame,
): RemoteStep[] {
  const folder = (names: readonly string[], wanted: VolumesFolder): RemoteStep[] =>
    machines
      .filter(({ name }) => names.includes(name))
      .map(
        (machine) =>
          new RemoteStep(
            `${prefix}-folder-${wanted.className}-${machine.name}`,
            { machine, access, step: renderFolderStep(wanted, machine) },
            opts(),
          ),
      );
  return [
    ...(local === undefined
      ? []
      : folder(local.machines, {
          className: local.className,
          path: local.path,
          owner: "0:0",
          key: `${PATH}.local.path`,
        })),
    ...(nfs?.machine === undefined
      ? []
      : folder([nfs.machine], {
          className: nfs.className,
          path: nfs.path,
          // The server takes the driver's root for this user.
          owner: "65534:65534",
          key: `${PATH}.nfs.path`,
        })),
  ];
}

/** The key without what surrounds it. Throws where it is none, and does not show it. */
export function parseKey(
  text: string,
  { user, keySecret }: Pick<CephConfig, "user" | "keySecret">,
): string {
  if (KEY.test(text.trim())) return text.trim();
  throw new Error(
    `vmstation:${keySecret} (${PATH}.ceph.keySecret): expected the key alone, as ` +
      `\`ceph auth get-key client.${user}\` prints it; the value is not shown`,
  );
}

const KEY = /^[A-Za-z0-9+/]{32,}={0,2}$/;

/** Undefined while the key is not set: claims wait until it is. */
function createCephSecret(
  { user, keySecret }: CephConfig,
  { prefix, opts, secrets }: PartFrame,
): k8s.core.v1.Secret | undefined {
  const key = secrets(keySecret);
  if (key === undefined) return undefined;
  const userKey = pulumi.secret(key).apply((text) => parseKey(text, { user, keySecret }));
  return new k8s.core.v1.Secret(
    `${prefix}-${CEPH_SECRET}`,
    {
      metadata: { name: CEPH_SECRET, namespace: NAMESPACES.ceph },
      stringData: { userID: user, userKey },
    },
    opts(),
  );
}
