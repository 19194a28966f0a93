import type { ReceiverConfig } from "../../../components/monitoring/receivers";
import { renderCommand } from "../../kit/advice";

/** Who gets the message, without anything secret. */
export function renderReceiver(receiver: ReceiverConfig): string {
  switch (receiver.type) {
    case "none":
      return "nobody";
    case "email":
      return `${receiver.to}, by ${receiver.server}:${receiver.port}`;
    case "ntfy":
      return `the topic ${receiver.topic} of ${receiver.server}`;
    case "telegram":
      return `the chat ${receiver.chat} of Telegram`;
    case "discord":
      return "the webhook of Discord";
    case "slack":
      return "the webhook of Slack";
    case "webhook":
      return "the webhook";
  }
}

export function renderNobody(stack: string): string {
  return (
    "monitoring.alertmanager.receiver is not configured, so alerts are sent nowhere. " +
    `Configure it (docs/alerts.md has examples), then run: ${renderCommand({ stack }, "up")}`
  );
}

export function renderDryRun(receiver: ReceiverConfig, severity: string): string {
  return `Would send a test alert of severity ${severity} to ${renderReceiver(receiver)}.\n`;
}

export function renderWaiting(receiver: ReceiverConfig): string {
  return `Sends a test alert to ${renderReceiver(receiver)}. Alertmanager collects alerts for 30 s first.\n`;
}

export function renderDelivered(
  receiver: ReceiverConfig,
  {
    alert,
    delivered,
    why,
  }: { readonly alert: string; readonly delivered: boolean; readonly why: string },
  stack: string,
): string {
  const to = renderReceiver(receiver);
  if (delivered)
    return (
      `${alert} was sent, and taken by ${to}.\n` +
      "A second message says within 10 minutes that it is over.\n"
    );
  return (
    `${alert} was not delivered to ${to}: ${why}\n` +
    "Look at monitoring.alertmanager.receiver and its secrets. " +
    `After a change of them: ${renderCommand({ stack }, "up")}\n`
  );
}
