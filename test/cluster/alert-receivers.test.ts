import assert from "node:assert/strict";
import * as fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { ReceiverSecrets } from "../../components/monitoring/receivers";
import type { Ran } from "../scripts/operations/lab";
import { AlertmanagerLab, type Started } from "./alertmanager-lab";
import { InternetNames } from "./internet-names";
import { requireLan } from "./lan";
import { Discord } from "./receivers/discord";
import { type Asked, serveMessengers } from "./receivers/messenger";
import { Slack } from "./receivers/slack";
import { type Mail, type MailServer, serveMail } from "./receivers/smtp";
import { Telegram } from "./receivers/telegram";
import { requireTools } from "./use-cluster";

const SMTP = "smtp.example.org";
const EMAIL = { type: "email", to: "robin@rowan.se", from: "home@rowan.se", server: SMTP };
const LOGIN = { user: "robin", passwordSecret: "smtpPassword" };
const [telegram, discord, slack] = [new Telegram(), new Discord(), new Slack()];
const BOT = { type: "telegram", tokenSecret: "bot", chat: telegram.chat };
const CHANNEL = { type: "discord", urlSecret: "hook" };
const APP = { type: "slack", urlSecret: "hook" };
const addressOf = ({ host, path }: Discord | Slack) => `https://${host}${path}`;
/** Seconds, longer than a test may take: who refuses a message is not waited for, although Alertmanager tries on. */
const LONG = 600;
/** Seconds in which a try has failed. */
const AWAY = 6;

describe("a test alert, by the real Alertmanager to those who pass it on", function () {
  this.timeout(60_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-receivers-"));
  const names = new InternetNames(folder, [SMTP, telegram.host, discord.host, slack.host]);
  let lab: AlertmanagerLab | undefined;
  /** What ends the servers. */
  let ends: (() => void)[] = [];
  let asked: Asked[] = [];
  let mails: Mail[] = [];

  before(async function () {
    requireTools(this, ["alertmanager", "prometheus"]);
    await requireLan(this);
    await names.makeCertificate();
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    [asked, mails] = [[], []];
    ends = [await serveMessengers(names, [telegram, discord, slack], (each) => asked.push(each))];
  });
  afterEach(async () => {
    for (const end of ends) end();
    await lab?.stop();
    lab = undefined;
  });

  async function test(
    receiver: object,
    secrets: ReceiverSecrets,
    seconds?: number,
    how: Pick<Started, "through" | "env"> = { through: names.through, env: names.env },
  ): Promise<Ran> {
    lab = await AlertmanagerLab.start({ receiver, secrets, ...how });
    return lab.test(seconds);
  }

  /** The name of the alert that was delivered. */
  function delivered({ code, stdout }: Ran): string {
    assert.equal(code, 0, stdout);
    return /^VMStationTest\d+/m.exec(stdout)?.[0] ?? assert.fail(stdout);
  }

  function refused({ code, stdout }: Ran, words: RegExp, ...secret: readonly string[]): void {
    assert.equal(code, 1, stdout);
    assert.match(stdout, words);
    for (const each of secret) assert.ok(!stdout.includes(each), stdout);
  }

  const post = async (encryption: MailServer["encryption"], port: number, login?: string) => {
    const { tls } = names;
    const settings = { port, encryption, tls, ...(login === undefined ? {} : { login }) };
    ends.push(await serveMail(settings, (mail) => mails.push(mail)));
  };

  it("comes to a chat of Telegram", async () => {
    const name = delivered(await test(BOT, { tokenSecret: telegram.token }));
    assert.ok(asked[0]?.body.includes(name), JSON.stringify(asked));
  });

  it("is refused by Telegram for another chat, or another bot, in its words", async () => {
    const chat = { ...BOT, chat: 42 };
    const { token } = telegram;
    refused(await test(chat, { tokenSecret: token }, LONG), /: telegram: .*chat not found \(400\)/);
    await lab?.stop();
    const another = "654321:ABC-DEF_ghi";
    refused(await test(BOT, { tokenSecret: another }, LONG), /: telegram: Unauthorized \(401\)/);
  });

  it("shows no bot's token where Telegram is not reached, although Alertmanager's log does", async () => {
    const ran = await test(BOT, { tokenSecret: telegram.token }, AWAY, {});
    refused(ran, /"https:\/\/api\.telegram\.org\/bot<redacted>\/sendMessage": dial tcp/, "ABC-DEF");
  });

  it("comes to a channel of Discord", async () => {
    const name = delivered(await test(CHANNEL, { urlSecret: addressOf(discord) }));
    assert.ok(asked[0]?.body.includes(name), JSON.stringify(asked));
  });

  it("is refused by Discord for a webhook that is gone", async () => {
    const ran = await test(CHANNEL, { urlSecret: `${addressOf(discord)}x` });
    refused(ran, /unexpected status code 404: .*Unknown Webhook/, discord.path);
  });

  for (const receiver of [APP, { ...APP, channel: slack.channel }])
    it(`comes to a channel of Slack${"channel" in receiver ? ", by its name" : ""}`, async () => {
      const name = delivered(await test(receiver, { urlSecret: addressOf(slack) }));
      assert.ok(asked[0]?.body.includes(name), JSON.stringify(asked));
    });

  it("is refused by Slack for another channel, and for a webhook that is gone", async () => {
    const channel = { ...APP, channel: "#hom" };
    refused(await test(channel, { urlSecret: addressOf(slack) }), /404: channel_not_found/);
    await lab?.stop();
    const ran = await test(APP, { urlSecret: `${addressOf(slack)}x` });
    refused(ran, /404: no_service/, slack.path);
  });

  const WAYS = [
    { encryption: "starttls", port: 587, keys: LOGIN },
    { encryption: "tls", port: 465, keys: LOGIN },
    { encryption: "tls", port: 4650, keys: { ...LOGIN, tls: "tls" } },
    { encryption: "starttls", port: 465, keys: { ...LOGIN, tls: "starttls" } },
    { encryption: "none", port: 25, keys: { tls: "none" } },
  ] as const;
  for (const { encryption, port, keys } of WAYS)
    it(`comes by e-mail: ${JSON.stringify({ port, ...keys })}`, async () => {
      const login = "user" in keys ? "robin s3cret" : undefined;
      await post(encryption, port, login);
      const secrets = login === undefined ? {} : { passwordSecret: "s3cret" };
      const name = delivered(await test({ ...EMAIL, port, ...keys }, secrets));
      const { text, ...mail } = mails[0] ?? assert.fail("no mail");
      const isEncrypted = encryption !== "none";
      assert.deepEqual(mail, { from: EMAIL.from, to: EMAIL.to, isEncrypted, login });
      assert.match(text, new RegExp(`^Subject: .*${name}`, "m"));
    });

  it("is refused by a mail server with a wrong password, in its words", async () => {
    await post("starttls", 587, "robin s3cret");
    const ran = await test({ ...EMAIL, ...LOGIN }, { passwordSecret: "gue55" }, LONG);
    refused(ran, /535 "?5\.7\.8 Error: authentication failed/, "gue55");
  });

  it("goes to no mail server in plain text unless that is configured", async () => {
    await post("none", 587);
    const ran = await test({ ...EMAIL, ...LOGIN }, { passwordSecret: "s3cret" }, LONG);
    refused(ran, /does not advertise the STARTTLS extension/, "s3cret");
    assert.deepEqual(mails, []);
  });

  it("goes to no mail server whose certificate nobody vouches for", async () => {
    for (const [encryption, port] of [
      ["starttls", 587],
      ["tls", 465],
    ] as const) {
      await post(encryption, port);
      const { through } = names;
      const ran = await test({ ...EMAIL, port, tls: encryption }, {}, LONG, { through });
      refused(ran, /x509: certificate signed by unknown authority/);
      await lab?.stop();
    }
    assert.deepEqual(mails, []);
  });
});
