import { z } from "zod";
import { host, oneKind, port, secretName } from "../shared/scalars";
import type { Json } from "../shared/json";

/** Who gets the alerts: the schema of each kind, and what Alertmanager is told of it. */

const url = z.url({ protocol: /^https?$/, error: "an address such as https://example.org/hook" });

const TYPES = ["none", "webhook", "email", "ntfy", "telegram", "discord", "slack"] as const;
const type = <Name extends (typeof TYPES)[number]>(name: Name) =>
  z.literal(name).describe("Where alerts are sent");

const webhook = z
  .strictObject({
    type: type("webhook"),
    url: url
      .optional()
      .describe("Where Alertmanager sends its JSON, such as https://example.org/hook"),
    urlSecret: secretName
      .optional()
      .describe("Secret key holding that address, by which anybody may send"),
    tokenSecret: secretName.optional().describe("Secret key holding a bearer token"),
  })
  .refine(
    (hook) => (hook.url === undefined) !== (hook.urlSecret === undefined),
    "one of url and urlSecret",
  );

const email = z
  .strictObject({
    type: type("email"),
    to: z.email("an e-mail address").describe("Who gets the alerts"),
    from: z.email("an e-mail address").describe("Sender of the alerts"),
    server: host.describe("SMTP server"),
    port: port.prefault(587).describe("Port of the SMTP server"),
    tls: z
      .enum(["starttls", "tls", "none"], "starttls, tls or none")
      .optional()
      .describe(
        "starttls, tls from the first byte, or none (default: tls on port 465, else starttls)",
      ),
    user: z.string().min(1).optional().describe("User at the SMTP server"),
    passwordSecret: secretName.optional().describe("Secret key holding that user's password"),
  })
  .refine((mail) => (mail.user === undefined) === (mail.passwordSecret === undefined), {
    error: "user and passwordSecret together, or none of them",
    path: ["user"],
  })
  .refine((mail) => mail.tls !== "none" || mail.user === undefined, {
    error: "starttls or tls where there is a user: without them the password is sent as plain text",
    path: ["tls"],
  });

const ntfy = z.strictObject({
  type: type("ntfy"),
  server: url.prefault("https://ntfy.sh").describe("The ntfy server"),
  topic: z
    .string()
    .regex(/^[\w-]{1,64}$/, "a topic: letters, digits, hyphens, underscores")
    .describe("The topic that the owner's phone subscribes to"),
  tokenSecret: secretName.optional().describe("Secret key holding an access token"),
});

const telegram = z.strictObject({
  type: type("telegram"),
  tokenSecret: secretName.describe("Secret key holding the bot's token, which BotFather gives"),
  chat: z
    .int("the number of a chat, such as 123456789; a group's is negative")
    .refine((id) => id !== 0, "the number of a chat, which is not 0")
    .describe("Number of the chat; a group's is negative"),
});

const discord = z.strictObject({
  type: type("discord"),
  urlSecret: secretName.describe("Secret key holding the address of the channel's webhook"),
});

const slack = z.strictObject({
  type: type("slack"),
  urlSecret: secretName.describe("Secret key holding the address of the app's incoming webhook"),
  channel: z
    .string()
    .regex(/^[#@]?[\w.-]{1,80}$/, "a channel such as #home (quoted in YAML)")
    .optional()
    .describe("Channel, where the webhook may choose one"),
});

export const receiverSchema = z
  .discriminatedUnion(
    "type",
    [z.strictObject({ type: type("none") }), webhook, email, ntfy, telegram, discord, slack],
    { error: oneKind("type", TYPES) },
  )
  .prefault({ type: "none" })
  .describe("Where alerts are sent (default: nowhere)");

export type ReceiverConfig = z.output<typeof receiverSchema>;

const SECRET_KEYS = ["passwordSecret", "tokenSecret", "urlSecret"] as const;
type SecretKey = (typeof SECRET_KEYS)[number];

/** The values of a receiver's secrets, by the key that refers to each. */
export type ReceiverSecrets = Readonly<Partial<Record<SecretKey, string>>>;

/** The flat secret keys that a receiver refers to, and where. */
export function findReceiverSecrets(
  receiver: ReceiverConfig,
): { readonly key: SecretKey; readonly name: string }[] {
  const values = new Map<string, unknown>(Object.entries(receiver));
  return SECRET_KEYS.flatMap((key) => {
    const name = values.get(key);
    return typeof name === "string" ? [{ key, name }] : [];
  });
}

const FORMS: Readonly<Record<SecretKey, { readonly form: RegExp; readonly expected: string }>> = {
  // Nothing that a header or a login could not carry.
  passwordSecret: { form: /^[^\r\n]+$/, expected: "one line" },
  tokenSecret: { form: /^[\x21-\x7e]+$/, expected: "one word without spaces" },
  urlSecret: { form: /^https?:\/\/[^\s/]+\S*$/, expected: "an address that begins with https://" },
};
const BOT_TOKEN = {
  form: /^\d+:[\w-]+$/,
  expected: "a bot's token such as 123456:ABC-DEF, as BotFather shows it",
};

/** What is wrong with the values, without showing them: Alertmanager would refuse its whole configuration for one. */
export function findSecretFaults(receiver: ReceiverConfig, secrets: ReceiverSecrets): string[] {
  return findReceiverSecrets(receiver).flatMap(({ key, name }) => {
    const { form, expected } =
      receiver.type === "telegram" && key === "tokenSecret" ? BOT_TOKEN : FORMS[key];
    if (form.test(secrets[key] ?? "")) return [];
    const where = `vmstation:${name} (monitoring.alertmanager.receiver.${key})`;
    return [`${where}: expected ${expected}; the value is not shown`];
  });
}

function renderAuthorization(token: string | undefined) {
  return token === undefined ? {} : { http_config: { authorization: { credentials: token } } };
}

type Email = Extract<ReceiverConfig, { type: "email" }>;

/** Nothing where the port decides, as Alertmanager itself does it. */
function renderTls({ tls }: Email) {
  if (tls === undefined) return {};
  return { require_tls: tls !== "none", force_implicit_tls: tls === "tls" };
}

function renderEmail(receiver: Email, password: string | undefined): Json {
  return {
    to: receiver.to,
    from: receiver.from,
    smarthost: `${receiver.server}:${receiver.port}`,
    send_resolved: true,
    ...renderTls(receiver),
    ...(receiver.user === undefined ? {} : { auth_username: receiver.user }),
    ...(password === undefined ? {} : { auth_password: password }),
  };
}

/** One entry of Alertmanager's `receivers`; nothing in it, and so silent, for "none". */
export function renderReceiver(receiver: ReceiverConfig, secrets: ReceiverSecrets): Json {
  const { passwordSecret: password, tokenSecret: token, urlSecret } = secrets;
  const send_resolved = true;
  switch (receiver.type) {
    case "none":
      return {};
    case "webhook": {
      const address = receiver.url ?? urlSecret ?? "";
      return {
        webhook_configs: [{ url: address, send_resolved, ...renderAuthorization(token) }],
      };
    }
    case "email":
      return { email_configs: [renderEmail(receiver, password)] };
    case "ntfy": {
      // Alertmanager knows no ntfy. ntfy formats its JSON by a template of its own (ntfy 2.14 and newer).
      const address = `${receiver.server.replace(/\/$/, "")}/${receiver.topic}?template=alertmanager`;
      return {
        webhook_configs: [{ url: address, send_resolved, ...renderAuthorization(token) }],
      };
    }
    case "telegram":
      return {
        telegram_configs: [{ bot_token: token ?? "", chat_id: receiver.chat, send_resolved }],
      };
    case "discord":
      return { discord_configs: [{ webhook_url: urlSecret ?? "", send_resolved }] };
    case "slack": {
      const channel = receiver.channel === undefined ? {} : { channel: receiver.channel };
      return { slack_configs: [{ api_url: urlSecret ?? "", send_resolved, ...channel }] };
    }
  }
}

/** What Alertmanager's own metrics call it. */
export function integrationOf({ type: name }: ReceiverConfig): string {
  return name === "ntfy" ? "webhook" : name;
}
