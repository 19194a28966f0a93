import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { RemoteStep } from "../../remote/remote-step";
import { createRelease, type ChartReleaseSpec } from "../../shared/chart-release";
import { definePart, type PartFrame, type PlatformSite } from "../part";
import { steadyMachines } from "../place";
import { CEPH_SECRET, PROVISIONERS, renderClasses } from "./classes";
import {
  storageSchema,
  type CephConfig,
  type LocalConfig,
  type NfsConfig,
  type StorageConfig,
} from "./config";
import { storageFacts } from "./facts";
import { renderFolderStep, type VolumesFolder } from "./folder-step";
import { createLocal } from "./local";
import { ASK_MONITORS, monitorsStep } from "./monitors-step";
import { classResource, NAMESPACES, PATH } from "./names";
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
      monitors: config.ceph?.monitors ?? [],
      askMonitors: ASK_MONITORS,
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
  const { prefix, opts } = frame;
  const made = createDrivers(config, site, frame);
  return renderClasses(config, serverOf(config, site)).map(
    (args) =>
      new k8s.storage.v1.StorageClass(classResource(prefix, args.metadata.name), args, {
        // Each waits for its own: a Ceph that does not answer keeps nobody from the other classes.
        ...opts(made.get(args.provisioner)),
        // Parameters of a class never change, and its name is free only when it is gone.
        deleteBeforeReplace: true,
      }),
  );
}

/** What has to be there first and what makes the volumes, by the provisioner that classes name. */
function createDrivers(
  config: StorageConfig,
  site: PlatformSite,
  frame: PartFrame,
): ReadonlyMap<string, readonly pulumi.Resource[]> {
  const { prefix, opts, charts } = frame;
  const { local, nfs, ceph } = config;
  const drivers = { steady: steadyMachines(site.machines), charts };
  const release = (spec: ChartReleaseSpec, namespace: string) =>
    createRelease(prefix, spec, namespace, charts, opts());
  const made = new Map<string, readonly pulumi.Resource[]>();
  if (local !== undefined)
    made.set(PROVISIONERS.local, [
      ...createFolders(local.machines, localFolder(local), site, frame),
      ...createLocal(`${prefix}-local`, { config: local, ...drivers }, opts),
    ]);
  if (nfs !== undefined)
    made.set(PROVISIONERS.nfs, [
      ...(nfs.machine === undefined
        ? []
        : createFolders([nfs.machine], nfsFolder(nfs), site, frame)),
      release(renderNfsRelease(drivers), NAMESPACES.nfs),
    ]);
  if (ceph !== undefined)
    made.set(PROVISIONERS.ceph, [
      release(renderCephRelease(ceph, drivers), NAMESPACES.ceph),
      ...createCephClient(ceph, site, frame),
    ]);
  return made;
}

function serverOf({ nfs }: StorageConfig, { machines }: PlatformSite): string {
  return nfs?.server ?? machines.find(({ name }) => name === nfs?.machine)?.address ?? "";
}

function createFolders(
  names: readonly string[],
  wanted: VolumesFolder,
  { machines }: PlatformSite,
  { prefix, opts, access }: PartFrame,
): RemoteStep[] {
  return machines
    .filter(({ name }) => names.includes(name))
    .map(
      (machine) =>
        new RemoteStep(
          `${prefix}-folder-${wanted.className}-${machine.name}`,
          { machine, access, step: renderFolderStep(wanted, machine) },
          opts(),
        ),
    );
}

function localFolder({ className, path }: LocalConfig): VolumesFolder {
  return { className, path, owner: "0:0", key: `${PATH}.local.path` };
}

/** The server takes the driver's root for this user. */
function nfsFolder({ className, path }: NfsConfig): VolumesFolder {
  return { className, path, owner: "65534:65534", key: `${PATH}.nfs.path` };
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

/** Whether its monitors answer, and the client's key: while that is not set, claims wait until it is. */
function createCephClient(
  { user, keySecret, monitors }: CephConfig,
  { controller }: PlatformSite,
  { prefix, opts, access, secrets }: PartFrame,
): pulumi.Resource[] {
  const asked =
    controller === undefined
      ? []
      : [
          new RemoteStep(
            `${prefix}-ceph-monitors-${controller.name}`,
            { machine: controller, access, step: monitorsStep(monitors) },
            opts(),
          ),
        ];
  const key = secrets(keySecret);
  if (key === undefined) return asked;
  const userKey = pulumi.secret(key).apply((text) => parseKey(text, { user, keySecret }));
  const secret = new k8s.core.v1.Secret(
    `${prefix}-${CEPH_SECRET}`,
    {
      metadata: { name: CEPH_SECRET, namespace: NAMESPACES.ceph },
      stringData: { userID: user, userKey },
    },
    opts(),
  );
  return [...asked, secret];
}
