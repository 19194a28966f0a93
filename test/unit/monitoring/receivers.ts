import {
  findReceiverSecrets,
  type ReceiverConfig,
  type ReceiverSecrets,
} from "../../../components/monitoring/receivers";

export const EMAIL = {
  type: "email",
  to: "a@example.org",
  from: "b@example.org",
  server: "smtp.example.org",
  port: 587,
  user: "b",
  passwordSecret: "smtpPassword",
} as const satisfies ReceiverConfig;

/** One of each kind, and each way to send mail. */
export const RECEIVERS: readonly ReceiverConfig[] = [
  { type: "none" },
  { type: "webhook", url: "https://hooks.example.org/a", tokenSecret: "hookToken" },
  { type: "webhook", urlSecret: "hookAddress" },
  EMAIL,
  { ...EMAIL, tls: "starttls" },
  { ...EMAIL, tls: "tls", port: 465 },
  { ...EMAIL, tls: "none", port: 25, user: undefined, passwordSecret: undefined },
  { type: "ntfy", server: "https://ntfy.example.org/", topic: "hazel", tokenSecret: "ntfyToken" },
  { type: "telegram", tokenSecret: "botToken", chat: -1_001_234_567_890 },
  { type: "discord", urlSecret: "discordAddress" },
  { type: "slack", urlSecret: "slackAddress" },
  { type: "slack", urlSecret: "slackAddress", channel: "#home" },
];

/** Values for a receiver's secrets, in the form that each has to have. */
export function secretsOf(
  receiver: ReceiverConfig,
  address = "https://hooks.example.org/secret",
): ReceiverSecrets {
  const token = receiver.type === "telegram" ? "123456:ABC-DEF" : "s3cret";
  const values = { passwordSecret: "s3cret", tokenSecret: token, urlSecret: address };
  return Object.fromEntries(findReceiverSecrets(receiver).map(({ key }) => [key, values[key]]));
}
