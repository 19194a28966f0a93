import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { readScript } from "../../remote/step";
import type { AppFrame, AppFrameValues } from "../frame/app";
import type { VaultConfig } from "./config";
import { renderEnginePod, variables } from "./engine-pod";
import { ENGINES } from "./engines";
import { NAME, SNAPSHOTS, VAULT_PORT } from "./names";

const SCRIPT = "snapshot.sh";
const FOLDER = "/snapshots";
const OBJECT = `${NAME}-snapshots`;

/** Before the apps' backups, at night: see vmstation:backup. */
const SCHEDULE = "15 2 * * *";

/** What saves the store each day; nothing while its token is not set. */
export function createSnapshots(
  config: VaultConfig,
  frame: AppFrame,
  service: pulumi.Resource,
): void {
  const token = frame.secrets(config.snapshots.tokenSecret);
  if (token === undefined) return;
  const metadata = { name: OBJECT, namespace: frame.namespace };
  const secret = new k8s.core.v1.Secret(
    `${frame.prefix}-snapshot-token`,
    { metadata, stringData: { token } },
    frame.after(),
  );
  const script = new k8s.core.v1.ConfigMap(
    `${frame.prefix}-snapshot-script`,
    { metadata, data: { [SCRIPT]: readScript(__dirname, `files/${SCRIPT}`) } },
    frame.after(),
  );
  new k8s.batch.v1.CronJob(
    `${frame.prefix}-snapshots`,
    { metadata, spec: renderCronJob(config, frame) },
    frame.after(secret, script, service),
  );
}

export function renderCronJob(
  config: VaultConfig,
  frame: AppFrameValues,
): k8s.types.input.batch.v1.CronJobSpec {
  const labels = { ...SNAPSHOTS, "app.kubernetes.io/part-of": "vmstation" };
  const template = {
    metadata: { labels },
    spec: {
      ...renderEnginePod(config, frame, renderSaver(config), VOLUMES),
      restartPolicy: "Never",
    },
  };
  return {
    schedule: SCHEDULE,
    concurrencyPolicy: "Forbid",
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 3,
    jobTemplate: { spec: { backoffLimit: 2, activeDeadlineSeconds: 1800, template } },
  };
}

const VOLUMES = [
  { name: "snapshots", persistentVolumeClaim: { claimName: "snapshots" } },
  { name: "scripts", configMap: { name: OBJECT, defaultMode: 0o555 } },
];

function renderSaver({ engine: name, snapshots }: VaultConfig) {
  const engine = ENGINES[name];
  const secretKeyRef = { name: OBJECT, key: "token" };
  return {
    name: "snapshot",
    command: ["/bin/sh", `/scripts/${SCRIPT}`],
    env: [
      ...variables({
        [`${engine.variables}_ADDR`]: `http://${NAME}:${VAULT_PORT}`,
        PROGRAM: engine.program,
        FOLDER,
        KEEP: String(snapshots.keep),
      }),
      { name: `${engine.variables}_TOKEN`, valueFrom: { secretKeyRef } },
    ],
    resources: {
      requests: { cpu: "50m", memory: "64Mi" },
      limits: { cpu: "500m", memory: "256Mi" },
    },
    volumeMounts: [
      { name: "snapshots", mountPath: FOLDER },
      { name: "scripts", mountPath: "/scripts", readOnly: true },
    ],
  };
}
