import type { MonitoringConfig, ReceiverConfig } from "./config";
import type { Json } from "./json";
import { renderDuration } from "../shared/units";

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
  config: MonitoringConfig["alertmanager"],
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
