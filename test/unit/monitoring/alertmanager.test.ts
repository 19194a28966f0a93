import assert from "node:assert/strict";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import {
  findReceiverSecret,
  renderAlertmanagerConfig,
  type ReceiverConfig,
} from "../../../components/monitoring/parts/alertmanager";
import { config } from "./homelab";

function render(receiver: ReceiverConfig, secret?: string): unknown {
  const { alertmanager } = config();
  return parse(stringify(renderAlertmanagerConfig(alertmanager, receiver, secret)));
}

function receivers(rendered: unknown): unknown {
  return typeof rendered === "object" && rendered !== null
    ? Reflect.get(rendered, "receivers")
    : [];
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
    assert.deepEqual(receivers(render(receiver)), [
      {
        name: "owner",
        webhook_configs: [{ url: "https://example.org/hook", send_resolved: true }],
      },
    ]);
    assert.deepEqual(receivers(render(receiver, "token")), [
      {
        name: "owner",
        webhook_configs: [
          {
            url: "https://example.org/hook",
            send_resolved: true,
            http_config: { authorization: { credentials: "token" } },
          },
        ],
      },
    ]);
  });

  it("sends e-mail", () => {
    const receiver = {
      type: "email",
      to: "a@example.org",
      from: "b@example.org",
      server: "smtp.example.org",
      port: 587,
      user: "b",
      passwordSecret: "smtpPassword",
    } as const;
    assert.deepEqual(receivers(render(receiver, "pass")), [
      {
        name: "owner",
        email_configs: [
          {
            to: "a@example.org",
            from: "b@example.org",
            smarthost: "smtp.example.org:587",
            send_resolved: true,
            auth_username: "b",
            auth_password: "pass",
          },
        ],
      },
    ]);
    assert.deepEqual(findReceiverSecret(receiver), { key: "passwordSecret", name: "smtpPassword" });
  });

  it("sends to ntfy, which formats the message", () => {
    const receiver = { type: "ntfy", server: "https://ntfy.lan/", topic: "hazel" } as const;
    assert.deepEqual(receivers(render(receiver)), [
      {
        name: "owner",
        webhook_configs: [
          { url: "https://ntfy.lan/hazel?template=alertmanager", send_resolved: true },
        ],
      },
    ]);
    assert.equal(findReceiverSecret(receiver), undefined);
  });

  it("carries any secret through YAML as it is", () => {
    const receiver = { type: "webhook", url: "https://example.org" } as const;
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (token) => {
        const text = JSON.stringify(receivers(render(receiver, token)));
        assert.ok(text.includes(JSON.stringify(token)));
      }),
    );
  });
});
