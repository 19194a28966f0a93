import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { SecretUse } from "../../shared/facts";
import { hostKeys } from "../../shared/hosts";
import { duration, resources } from "../../shared/scalars";
import { renderDuration } from "../../shared/units";
import type { Json } from "../../shared/json";
import { CONFIG_RELOADER, configuredMemory, fixedMemory } from "../limits";
import { NAMESPACE, podsNamed } from "../names";
import { namedService, namedUrl } from "../named-service";
import { definePart, type Made, type PartFrame } from "../part";
import { ANYWHERE, egress } from "../../shared/policies";
import { renderPlacement, renderResources } from "../../shared/placement";
import {
  findReceiverSecrets,
  findSecretFaults,
  type ReceiverConfig,
  type ReceiverSecrets,
  receiverSchema,
  renderReceiver,
} from "../receivers";
import { STACK } from "./kube-prometheus-stack";
import { renderYaml } from "../../shared/yaml";

/** The Secret that holds its configuration. */
export const CONFIG_SECRET = "alertmanager-config";

const PORT = 9093;

const NOBODY: ReceiverConfig = { type: "none" };

const alertmanagerSchema = z
  .strictObject({
    receiver: receiverSchema,
    host: hostKeys.host.describe(
      "Its name behind vmstation:platform.ingress, where anybody at home may silence alerts: it has no log-in; default: none",
    ),
    repeatInterval: duration.prefault("12h").describe("A firing alert is sent again after this"),
    resources: resources({
      requests: { cpu: "10m", memory: "32Mi" },
      limits: { cpu: "100m", memory: "128Mi" },
    }),
  })
  .prefault({})
  .describe("Alerts");

type AlertmanagerConfig = z.output<typeof alertmanagerSchema>;

/** Alertmanager's configuration: one receiver for everything, grouped by alert. */
export function renderAlertmanagerConfig(
  config: AlertmanagerConfig,
  receiver: ReceiverConfig,
  secrets: ReceiverSecrets,
): Json {
  return {
    route: {
      receiver: "owner",
      group_by: ["alertname"],
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: renderDuration(config.repeatInterval),
    },
    receivers: [Object.assign({ name: "owner" }, renderReceiver(receiver, secrets))],
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
  return findReceiverSecrets(receiver).map(({ key, name }) => ({
    path: `monitoring.alertmanager.receiver.${key}`,
    name,
    leftOut: "alerts are shown in Grafana and Prometheus, and sent nowhere",
  }));
}

/** The configuration as YAML; throws where a secret has not the form that Alertmanager takes. */
function renderConfigText(config: AlertmanagerConfig, secrets: ReceiverSecrets | undefined) {
  const { receiver } = config;
  if (secrets === undefined) return renderYaml(renderAlertmanagerConfig(config, NOBODY, {}));
  const faults = findSecretFaults(receiver, secrets);
  if (faults.length > 0) throw new Error(faults.join("\n"));
  return renderYaml(renderAlertmanagerConfig(config, receiver, secrets));
}

/** The Secret with Alertmanager's configuration. It is silent where one of the receiver's secrets is not set. */
function createConfig(config: AlertmanagerConfig, frame: PartFrame): Made {
  const needed = findReceiverSecrets(config.receiver);
  const known = needed.flatMap(({ key, name }): [string, pulumi.Output<string>][] => {
    const secret = frame.secrets(name);
    return secret === undefined ? [] : [[key, secret]];
  });
  const text =
    known.length < needed.length
      ? pulumi.output(renderConfigText(config, undefined))
      : pulumi
          .output(Object.fromEntries(known))
          .apply((secrets) => renderConfigText(config, secrets));
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

/** For the links in its messages. */
function renderUrl(url: string | undefined) {
  return url === undefined ? {} : { externalUrl: url };
}

/** Sends alerts to the owner. */
export const alertmanager = definePart({
  name: "alertmanager",
  place: 9,
  keys: { alertmanager: alertmanagerSchema },
  plan: ({ config: { alertmanager: config, machine }, ingress: before }) => ({
    hosts: namedService({
      ...{ name: "alertmanager", pods: podsNamed("alertmanager"), port: PORT },
      ...{ written: config.host, path: "monitoring.alertmanager.host" },
      ...{ service: `${STACK}-alertmanager`, servicePort: PORT },
    }),
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
            ...renderUrl(namedUrl(config.host, before)),
            configSecret: CONFIG_SECRET,
            resources: renderResources(config.resources),
            ...renderPlacement(machine),
          },
        },
      },
    }),
  }),
});
