import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { renderResources } from "../../shared/placement";
import { appImages } from "../../versions";
import type { AppFrame, AppFrameValues, AppPort } from "../frame/app";
import { renderPodSecurity, RESTRICTED_CONTAINER } from "../../shared/pod-security";
import { createAppService, renderAppService } from "../frame/service";
import { renderImage } from "../frame/sources";
import { parseAdminToken } from "./admin-token";
import type { VaultwardenConfig } from "./config";

/** Above 1024: it has no right to a lower one. */
export const VAULTWARDEN_PORT = 8080;

const NAME = "vaultwarden";
const SECRET = "vaultwarden";

type Settings = Readonly<Record<string, string>>;

/** Vaultwarden's objects: its secrets, its Service, itself. */
export function deployVaultwarden(
  config: VaultwardenConfig,
  ports: readonly AppPort[],
  frame: AppFrame,
): void {
  const metadata = { name: NAME, namespace: frame.namespace, labels: frame.labels };
  const secret = new k8s.core.v1.Secret(
    `${frame.prefix}-secrets`,
    {
      metadata: { name: SECRET, namespace: frame.namespace },
      stringData: readSecrets(config, frame),
    },
    frame.after(),
  );
  // No port of a machine leads to it: there it would answer without TLS.
  const service = createAppService(
    NAME,
    renderAppService(ports, { ...frame, serviceType: "ClusterIP" }),
    frame,
  );
  new k8s.apps.v1.StatefulSet(
    `${frame.prefix}-server`,
    {
      metadata: { ...metadata, annotations: { ...frame.annotations } },
      spec: renderStatefulSet(config, frame, secret.metadata.resourceVersion),
    },
    frame.after(secret, service),
  );
}

/** What is not set is left out, and with it what it would open. */
function readSecrets(
  { adminTokenSecret, mail }: VaultwardenConfig,
  { secrets }: Pick<AppFrame, "secrets">,
): Record<string, pulumi.Output<string>> {
  const admin = secrets(adminTokenSecret);
  const password = secrets(mail?.passwordSecret);
  const where = `vmstation:${adminTokenSecret} (apps.${NAME}.adminTokenSecret)`;
  return {
    ...(admin && { ADMIN_TOKEN: admin.apply((text) => parseAdminToken(text, where)) }),
    ...(password && { SMTP_PASSWORD: password }),
  };
}

/** What it is told beside its secrets. */
export function renderVariables(
  config: Pick<VaultwardenConfig, "access" | "signups" | "mail">,
  frame: Pick<AppFrameValues, "host" | "secrets">,
): Settings {
  const { access, signups } = config;
  const byDomain = typeof signups === "object";
  return {
    // Keys of devices and links in mails are bound to it.
    ...(frame.host === undefined ? {} : { DOMAIN: `https://${frame.host}` }),
    ROCKET_PORT: String(VAULTWARDEN_PORT),
    DATA_FOLDER: "/data",
    // What somebody changes under /admin ends with the pod: a file beside the database would win over all that stands here.
    CONFIG_FILE: "/tmp/config.json",
    SIGNUPS_ALLOWED: String(signups === true),
    ...(byDomain ? { SIGNUPS_DOMAINS_WHITELIST: signups.domains.join(",") } : {}),
    SIGNUPS_VERIFY: String(byDomain && config.mail !== undefined),
    SHOW_PASSWORD_HINT: "false",
    // By it tries to log in are counted. The tunnel's edge sets the first; the ingress the second, and believes no client's.
    IP_HEADER: access === "public" ? "CF-Connecting-IP" : "X-Real-IP",
    ...renderMail(config.mail, frame),
  };
}

/** None before its password is set, with which it would be refused. */
function renderMail(
  mail: VaultwardenConfig["mail"],
  { secrets }: Pick<AppFrameValues, "secrets">,
): Settings {
  if (mail === undefined) return {};
  if (mail.passwordSecret !== undefined && secrets(mail.passwordSecret) === undefined) return {};
  return {
    SMTP_HOST: mail.server,
    SMTP_PORT: String(mail.port),
    SMTP_SECURITY: mail.security,
    SMTP_FROM: mail.from,
    ...(mail.username === undefined ? {} : { SMTP_USERNAME: mail.username }),
  };
}

/** One server; `replicas` is left out because the power layer sets it to 0 while the machine is switched off. */
export function renderStatefulSet(
  config: VaultwardenConfig,
  frame: AppFrameValues,
  secretVersion?: pulumi.Input<string>,
): k8s.types.input.apps.v1.StatefulSetSpec {
  return {
    serviceName: NAME,
    selector: { matchLabels: { ...frame.selector } },
    template: {
      metadata: {
        labels: { ...frame.labels },
        // It reads its secrets when it starts: another one starts it again.
        ...(secretVersion && { annotations: { "vmstation.io/secrets": secretVersion } }),
      },
      spec: {
        nodeSelector: { ...frame.placement.nodeSelector },
        tolerations: frame.placement.tolerations,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: renderPodSecurity(config.uid, config.data.storageClass !== undefined),
        containers: [renderServer(config, frame)],
        volumes: [
          { name: "data", persistentVolumeClaim: { claimName: "data" } },
          { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
        ],
      },
    },
  };
}

function renderServer(
  config: VaultwardenConfig,
  frame: AppFrameValues,
): k8s.types.input.core.v1.Container {
  const health = { httpGet: { path: "/alive", port: "http" }, timeoutSeconds: 5 };
  return {
    name: NAME,
    image: renderImage(appImages.vaultwarden, frame.sources),
    env: Object.entries(renderVariables(config, frame)).map(([name, value]) => ({ name, value })),
    envFrom: [{ secretRef: { name: SECRET } }],
    ports: [{ name: "http", containerPort: VAULTWARDEN_PORT, protocol: "TCP" }],
    // Two minutes: a start after an update changes the database's tables.
    startupProbe: { ...health, periodSeconds: 5, failureThreshold: 24 },
    readinessProbe: { ...health, periodSeconds: 10 },
    livenessProbe: { ...health, periodSeconds: 20, failureThreshold: 6 },
    securityContext: RESTRICTED_CONTAINER,
    resources: renderResources(config.resources),
    volumeMounts: [
      { name: "data", mountPath: "/data" },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}
