import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { z } from "zod";
import type { SecretUse } from "../../shared/facts";
import { duration, host, port, resources, secretName } from "../../shared/scalars";
import { renderDuration } from "../../shared/units";
import type { Json } from "../json";
import { CONFIG_RELOADER, configuredMemory, fixedMemory } from "../limits";
import { NAMESPACE, podsNamed } from "../names";
import { definePart, type Made, type PartFrame } from "../part";
import { ANYWHERE, egress } from "../policies";
import { renderPlacement, renderResources } from "../render-placement";
import { STACK } from "./kube-prometheus-stack";

/** The Secret that holds its configuration. */
export const CONFIG_SECRET = "alertmanager-config";

const url = z.url({ protocol: /^https?$/, error: "an address such as https://example.org/hook" });

const receiver = z
  .discriminatedUnion(
    "type",
    [
      z.strictObject({ type: z.literal("none").describe("Where alerts are sent") }),
      z.strictObject({
        type: z.literal("webhook").describe("Where alerts are sent"),
        url: url.describe("Where Alertmanager sends its JSON, such as https://example.org/hook"),
        tokenSecret: secretName.optional().describe("Secret key holding a bearer token"),
      }),
      z.strictObject({
        type: z.literal("email").describe("Where alerts are sent"),
        to: z.email("an e-mail address").describe("Who gets the alerts"),
        from: z.email("an e-mail address").describe("Sender of the alerts"),
        server: host.describe("SMTP server"),
        port: port.prefault(587).describe("Port of the SMTP server"),
        user: z.string().min(1).optional().describe("User at the SMTP server"),
        passwordSecret: secretName.optional().describe("Secret key holding that user's password"),
      }),
      z.strictObject({
        type: z.literal("ntfy").describe("Where alerts are sent"),
        server: url.prefault("https://ntfy.sh").describe("The ntfy server"),
        topic: z
          .string()
          .regex(/^[\w-]{1,64}$/, "a topic: letters, digits, hyphens, underscores")
          .describe("The topic that the owner's phone subscribes to"),
        tokenSecret: secretName.optional().describe("Secret key holding an access token"),
      }),
    ],
    "one of the types none, webhook, email or ntfy",
  )
  .prefault({ type: "none" })
  .describe("Where alerts are sent (default: nowhere)");

const alertmanagerSchema = z
  .strictObject({
    receiver,
    repeatInterval: duration.prefault("12h").describe("A firing alert is sent again after this"),
    resources: resources({
      requests: { cpu: "10m", memory: "32Mi" },
      limits: { cpu: "100m", memory: "128Mi" },
    }),
  })
  .prefault({})
  .describe("Alerts");

type AlertmanagerConfig = z.output<typeof alertmanagerSchema>;
export type ReceiverConfig = AlertmanagerConfig["receiver"];

/** The flat secret key that a receiver refers to, and where; undefined where it needs none. */
export function findReceiverSecret(
  receiver: ReceiverConfig,
): { readonly key: string; readonly name: string } | undefined {
  const [key, name] =
    receiver.type === "email"
      ? ["passwordSecret", receiver.passwordSecret]
      : receiver.type === "none"
        ? ["", undefined]
        : ["tokenSecret", receiver.tokenSecret];
  return name === undefined ? undefined : { key, name };
}

function renderAuthorization(token: string | undefined) {
  return token === undefined ? {} : { http_config: { authorization: { credentials: token } } };
}

/** One entry of `receivers`; nothing in it, and so silent, for "none". */
function renderReceiver(receiver: ReceiverConfig, secret: string | undefined): Json {
  switch (receiver.type) {
    case "none":
      return {};
    case "webhook":
      return {
        webhook_configs: [
          { url: receiver.url, send_resolved: true, ...renderAuthorization(secret) },
        ],
      };
    case "email":
      return {
        email_configs: [
          {
            to: receiver.to,
            from: receiver.from,
            smarthost: `${receiver.server}:${receiver.port}`,
            send_resolved: true,
            ...(receiver.user === undefined ? {} : { auth_username: receiver.user }),
            ...(secret === undefined ? {} : { auth_password: secret }),
          },
        ],
      };
    case "ntfy":
      // ntfy formats what Alertmanager sends by a template of its own (ntfy 2.14 and newer).
      return {
        webhook_configs: [
          {
            url: `${receiver.server.replace(/\/$/, "")}/${receiver.topic}?template=alertmanager`,
            send_resolved: true,
            ...renderAuthorization(secret),
          },
        ],
      };
  }
}

/** Alertmanager's configuration: one receiver for everything, grouped by alert. */
export function renderAlertmanagerConfig(
  config: AlertmanagerConfig,
  receiver: ReceiverConfig,
  secret: string | undefined,
): Json {
  return {
    route: {
      receiver: "owner",
      group_by: ["alertname"],
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: renderDuration(config.repeatInterval),
    },
    receivers: [Object.assign({ name: "owner" }, renderReceiver(receiver, secret))],
    inhibit_rules: [
      {
        source_matchers: ['severity = "critical"'],
        target_matchers: ['severity = "warning"'],
        equal: ["alertname", "node"],
      },
    ],
  };
}

function findSecrets(receiver: ReceiverConfig): SecretUse[] {
  const secret = findReceiverSecret(receiver);
  if (secret === undefined) return [];
  return [
    {
      path: `monitoring.alertmanager.receiver.${secret.key}`,
      name: secret.name,
      leftOut: "alerts are shown in Grafana and Prometheus, and sent nowhere",
    },
  ];
}

/** The Secret with Alertmanager's configuration. It is silent where the receiver's secret is not set. */
function createConfig(config: AlertmanagerConfig, frame: PartFrame): Made {
  const needed = findReceiverSecret(config.receiver);
  const secret = frame.secrets(needed?.name);
  const isMissing = needed !== undefined && secret === undefined;
  const receiver: ReceiverConfig = isMissing ? { type: "none" } : config.receiver;
  const text = pulumi
    .output(secret)
    .apply((value) => stringify(renderAlertmanagerConfig(config, receiver, value)));
  const made = new kubernetes.core.v1.Secret(
    `${frame.prefix}-${CONFIG_SECRET}`,
    {
      metadata: { name: CONFIG_SECRET, namespace: NAMESPACE },
      stringData: { "alertmanager.yaml": pulumi.secret(text) },
    },
    frame.opts(),
  );
  return { before: [made] };
}

/** Sends alerts to the owner. */
export const alertmanager = definePart({
  name: "alertmanager",
  place: 9,
  keys: { alertmanager: alertmanagerSchema },
  plan: ({ config: { alertmanager: config, machine } }) => ({
    policies: () =>
      config.receiver.type === "none"
        ? []
        : [egress("alertmanager-to-receiver", podsNamed("alertmanager"), ANYWHERE, [])],
    memory: [
      configuredMemory("alertmanager", "Alertmanager", config, machine),
      fixedMemory("Alertmanager's configuration reloader", CONFIG_RELOADER, machine),
    ],
    secrets: findSecrets(config.receiver),
    create: (frame) => createConfig(config, frame),
    addsTo: () => ({
      release: STACK,
      values: {
        alertmanager: {
          alertmanagerSpec: {
            // It holds the receiver's credentials, which must not stand in Helm's values.
            useExistingSecret: true,
            configSecret: CONFIG_SECRET,
            resources: renderResources(config.resources),
            ...renderPlacement(machine),
          },
        },
      },
    }),
  }),
});
