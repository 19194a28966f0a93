import assert from "node:assert/strict";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { renderAlertmanagerConfig } from "../../../components/monitoring/parts/alertmanager";
import {
  findReceiverSecrets,
  findSecretFaults,
  type ReceiverConfig,
  type ReceiverSecrets,
  receiverSchema,
} from "../../../components/monitoring/receivers";
import { config } from "./homelab";
import { EMAIL, RECEIVERS, secretsOf } from "./receivers";

function render(receiver: ReceiverConfig, secrets: ReceiverSecrets = {}): unknown {
  const { alertmanager } = config();
  return parse(stringify(renderAlertmanagerConfig(alertmanager, receiver, secrets)));
}

/** The one receiver, without its name. */
function rendered(receiver: ReceiverConfig, secrets: ReceiverSecrets = {}): unknown {
  const all = render(receiver, secrets) as { receivers: [Record<string, unknown>] };
  const [{ name, ...rest }] = all.receivers;
  assert.equal(name, "owner");
  return rest;
}

function faults(receiver: object): string[] {
  const { error } = receiverSchema.safeParse(receiver);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("Alertmanager", () => {
  it("is silent by default", () => {
    assert.deepEqual(render(config().alertmanager.receiver), {
      route: {
        receiver: "owner",
        group_by: ["alertname"],
        group_wait: "30s",
        group_interval: "5m",
        repeat_interval: "12h",
      },
      receivers: [{ name: "owner" }],
      inhibit_rules: [
        {
          source_matchers: ['severity = "critical"'],
          target_matchers: ['severity = "warning"'],
          equal: ["alertname", "node"],
        },
      ],
    });
  });

  it("sends to a webhook, with a bearer token where there is one", () => {
    const receiver = { type: "webhook", url: "https://example.org/hook" } as const;
    const hook = { url: "https://example.org/hook", send_resolved: true };
    assert.deepEqual(rendered(receiver), { webhook_configs: [hook] });
    const http_config = { authorization: { credentials: "token" } };
    assert.deepEqual(rendered(receiver, { tokenSecret: "token" }), {
      webhook_configs: [{ ...hook, http_config }],
    });
    assert.deepEqual(
      rendered({ type: "webhook", urlSecret: "hook" }, { urlSecret: "https://example.org/hook" }),
      { webhook_configs: [hook] },
    );
  });

  it("sends e-mail; without `tls` the port decides", () => {
    const mail = {
      to: "a@example.org",
      from: "b@example.org",
      smarthost: "smtp.example.org:587",
      send_resolved: true,
      auth_username: "b",
      auth_password: "pass",
    };
    assert.deepEqual(rendered(EMAIL, { passwordSecret: "pass" }), { email_configs: [mail] });
    for (const [tls, require_tls, force_implicit_tls] of [
      ["starttls", true, false],
      ["tls", true, true],
      ["none", false, false],
    ] as const)
      assert.deepEqual(rendered({ ...EMAIL, tls }, { passwordSecret: "pass" }), {
        email_configs: [{ ...mail, require_tls, force_implicit_tls }],
      });
  });

  it("sends to ntfy, which formats the message", () => {
    const receiver = { type: "ntfy", server: "https://ntfy.lan/", topic: "hazel" } as const;
    assert.deepEqual(rendered(receiver), {
      webhook_configs: [
        { url: "https://ntfy.lan/hazel?template=alertmanager", send_resolved: true },
      ],
    });
  });

  it("sends to Telegram, Discord and Slack", () => {
    const send_resolved = true;
    assert.deepEqual(
      rendered({ type: "telegram", tokenSecret: "bot", chat: -100_123 }, { tokenSecret: "1:a" }),
      { telegram_configs: [{ bot_token: "1:a", chat_id: -100_123, send_resolved }] },
    );
    const urlSecret = "https://example.org/x";
    assert.deepEqual(rendered({ type: "discord", urlSecret: "hook" }, { urlSecret }), {
      discord_configs: [{ webhook_url: urlSecret, send_resolved }],
    });
    assert.deepEqual(
      rendered({ type: "slack", urlSecret: "hook", channel: "#home" }, { urlSecret }),
      {
        slack_configs: [{ api_url: urlSecret, send_resolved, channel: "#home" }],
      },
    );
  });

  it("names each secret by the key that refers to it", () => {
    assert.deepEqual(findReceiverSecrets(EMAIL), [{ key: "passwordSecret", name: "smtpPassword" }]);
    assert.deepEqual(
      findReceiverSecrets({ type: "webhook", urlSecret: "hook", tokenSecret: "token" }),
      [
        { key: "tokenSecret", name: "token" },
        { key: "urlSecret", name: "hook" },
      ],
    );
  });

  it("refuses what cannot work, by its key", () => {
    const { user, passwordSecret, ...open } = EMAIL;
    assert.deepEqual(faults({ ...open, tls: "none" }), []);
    assert.match(faults({ ...EMAIL, tls: "none" })[0] ?? "", /^tls: .*plain text/);
    assert.match(faults({ ...open, user })[0] ?? "", /^user: user and passwordSecret together/);
    assert.match(faults({ ...open, passwordSecret })[0] ?? "", /^user: /);
    assert.match(faults({ ...EMAIL, tls: "ssl" })[0] ?? "", /^tls: starttls, tls or none/);
    assert.match(faults({ type: "webhook" })[0] ?? "", /one of url and urlSecret/);
    assert.match(faults({ type: "telegram", tokenSecret: "bot", chat: "@me" })[0] ?? "", /^chat: /);
    assert.match(faults({ type: "discord", url: "https://x" })[0] ?? "", /^urlSecret/);
    assert.match(faults({ type: "sms" })[0] ?? "", /^type: .*none, webhook, email, ntfy, telegram/);
  });

  it("refuses a secret in another form than Alertmanager takes, and does not show it", () => {
    for (const receiver of RECEIVERS)
      assert.deepEqual(findSecretFaults(receiver, secretsOf(receiver)), [], receiver.type);
    const shown = [
      findSecretFaults({ type: "discord", urlSecret: "hook" }, { urlSecret: "discord.com/S3CRET" }),
      findSecretFaults(
        { type: "telegram", tokenSecret: "bot", chat: 1 },
        { tokenSecret: "S3CRET" },
      ),
      findSecretFaults({ ...EMAIL }, { passwordSecret: "S3CRET\nnext" }),
    ].flat();
    assert.equal(shown.length, 3);
    assert.match(
      shown[0] ?? "",
      /^vmstation:hook \(monitoring\.alertmanager\.receiver\.urlSecret\)/,
    );
    for (const line of shown) assert.doesNotMatch(line, /S3CRET/);
  });

  it("carries any secret through YAML as it is", () => {
    const receiver = { type: "webhook", url: "https://example.org" } as const;
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (tokenSecret) => {
        const text = JSON.stringify(rendered(receiver, { tokenSecret }));
        assert.ok(text.includes(JSON.stringify(tokenSecret)));
      }),
    );
  });
});
