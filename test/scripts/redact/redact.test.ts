import assert from "node:assert/strict";
import { stringify } from "yaml";
import { Redactor } from "../../../scripts/kit/redact/redact";
import { JWT, KEY_BODY, PEM } from "./samples";

const redact = (text: string): string => new Redactor().redact(text);

describe("what is taken out of a report", () => {
  const shapes: readonly (readonly [what: string, text: string, secret: string])[] = [
    ["a private key", `before\n${PEM}after`, KEY_BODY],
    ["a private key that is cut off", `-----BEGIN RSA PRIVATE KEY-----\n${KEY_BODY}\n`, KEY_BODY],
    [
      "a private key in base64",
      `tls.key: ${Buffer.from(PEM).toString("base64")}`,
      Buffer.from(PEM).toString("base64").slice(20),
    ],
    ["a private key in a JSON string", JSON.stringify({ a: PEM }), KEY_BODY],
    [
      "a key in a log, with the time before each line",
      PEM.replace(/^/gm, "2026-11-20T12:00:00+0000 host app[1]: "),
      KEY_BODY,
    ],
    ["a service account's token", `mounted ${JWT} there`, JWT],
    [
      "a bootstrap token",
      "kubeadm join --token abcdef.0123456789abcdef",
      "abcdef.0123456789abcdef",
    ],
    ["a node token", `server K10${"a".repeat(64)}::server:0123456789`, "0123456789"],
    ["a password in a setting", "GF_SECURITY_ADMIN_PASSWORD=hunter2!x", "hunter2!x"],
    ["a short form of it", "DB_PASS=hunter2", "hunter2"],
    ["a password in quotes, with spaces", 'adminPassword: "correct horse battery"', "horse"],
    ["a password in JSON", '{"user":"root","password":"p w\\"d"}', "p w"],
    ["a password in JSON within JSON", '"{\\"password\\":\\"hunter2\\"}"', "hunter2"],
    ["a password in a URL", "https://ops:hunter2@example.org/x", "hunter2"],
    ["a password as an argument", "restic --password-file x --password hunter2", "hunter2"],
    ["a BMC's password", "ipmitool -H 10.0.0.1 -U root -P calvin power status", "calvin"],
    ["an authorization header", "Authorization: Bearer abcdef123456", "abcdef123456"],
    ["a header of letters alone", '"Authorization": "Basic dXNlcjpw"', "dXNlcjpw"],
    ["basic authorization", "> Basic cm9vdDpodW50ZXIy", "cm9vdDpodW50ZXIy"],
    [
      "a hash of a password",
      "root:$6$rounds=5000$saltsalt$abcdefghijklmnopqrstu:19000:",
      "abcdefghijklmnopqrstu",
    ],
    [
      "a kubeconfig's key",
      "    client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt",
      "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt",
    ],
    ["a kubeconfig's token", "    token: c2VjcmV0dG9rZW4", "c2VjcmV0dG9rZW4"],
    ["a container's variable", "- name: DB_PASSWORD\n      value: hunter2", "hunter2"],
    ["a container's variable in JSON", '[{"name":"DB_PASSWORD","value":"hunter2"}]', "hunter2"],
    ["a WireGuard key", "PrivateKey = aGVsbG8gd29ybGQhISEhISEhISEhISEhISEhISEhISE=", "aGVsbG8"],
    ["an age key", "AGE-SECRET-KEY-1QQQQQQQQQQQQ", "QQQQQQ"],
    [
      "kubeadm's certificate key",
      "join 10.0.0.1 --certificate-key 0123abcd4567ef",
      "0123abcd4567ef",
    ],
    ["a password of curl's", "curl -sSu ops:hunter2 https://x", "hunter2"],
    ["a password of curl's, in quotes", "curl --user 'ops:hunter 2' https://x", "hunter 2"],
    ["a password of sshpass's", "sshpass -p hunter2 ssh x", "hunter2"],
    ["a password of MySQL's", "mysqldump -u root -phunter2 db", "hunter2"],
    ["a passphrase of several words", "passphrase: correct horse battery", "battery"],
    [
      "a passphrase within a line",
      "the passphrase is set: PASSPHRASE=correct horse battery",
      "battery",
    ],
    ["a passphrase as an argument", "init --passphrase correct horse battery --quiet", "battery"],
    ["a password of several words", "user: root\n  password: correct horse battery\n", "battery"],
    ["a password in a block", "password: |\n  correct horse\n  battery\nuser: root", "battery"],
    ["a password with signs in a URL", "postgres://ops:hun@ter/2@db/x", "ter/2"],
    ["a digest", 'Authorization: Digest username="a", response="0123456789abcdef"', "0123456789"],
    ["a second cookie", "Cookie: theme=dark; sid=hunter2", "hunter2"],
    [
      "a bot's token in Telegram's address",
      'Post "https://api.telegram.org/bot123456:ABC-DEF_ghi/sendMessage": EOF',
      "ABC-DEF_ghi",
    ],
    ["a bot's token alone", `bot 12345678:${"aB3-_".repeat(7)} is`, "aB3-_aB3"],
    ["a webhook of Discord's", "https://discord.com/api/webhooks/123/c2Vj-mV0", "c2Vj-mV0"],
    ["a webhook of Slack's", "https://hooks.slack.com/services/T01/B02/c2VjmV0", "c2VjmV0"],
    ["a PGP key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBGAAAAAB\n", "lQOYBGAAAAAB"],
    ["an OpenSSH key alone", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE", "AAAAABG5vbmUAAAAE"],
  ];
  for (const [what, text, secret] of shapes) {
    it(`is ${what}`, () => {
      assert.ok(text.includes(secret), "the test's own text");
      const left = redact(text);
      assert.ok(!left.includes(secret), left);
      assert.ok(left.includes("<redacted>"), left);
      assert.equal(redact(left), left, "a second time changes nothing");
    });
  }

  it("leaves around a key what stood there", () => {
    assert.equal(redact(`before\n${PEM}after`), "before\n<redacted>\nafter");
  });

  const harmless = [
    "NAME                 STATUS   ROLES           AGE   VERSION",
    "secret/grafana   Opaque   3      5d",
    "SecretName:  default-token-x1",
    "Reached target basic.target - Basic System.",
    "the server wants bearer authentication",
    `{"pass":1,"fail":0}`,
    "Mounted volume token for pod kube-system/coredns-5d78c9869d-abcde",
    "sha256:0b9fcca2e3f4a5b6c7d8e9f00b9fcca2e3f4a5b6c7d8e9f0",
    "2026-11-20T12:00:00+0000 maple sshd[1]: Accepted publickey for ops from 192.168.8.5 port 22",
    "-----BEGIN CERTIFICATE-----",
    "GET http://192.168.8.63:30300/@scope/x?y=a@b",
    "passphrase is required",
    "curl -u is not set: see man curl",
    "docker login -h",
    "pass: 12 of 12",
  ];
  for (const text of harmless) {
    it(`is nothing of: ${text}`, () => {
      assert.equal(redact(text), text);
    });
  }

  const secretObject = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "grafana", namespace: "monitoring" },
    data: { "admin-user": "b3BlcmF0b3I=", blob: "AAECAwQFBgcICQ==" },
  };
  const texts: readonly (readonly [string, string])[] = [
    ["JSON", JSON.stringify(secretObject, null, 2)],
    ["one line of JSON among others", `annotation: ${JSON.stringify(secretObject)} end`],
    ["JSON in a JSON string", `x ${JSON.stringify(JSON.stringify(secretObject))}`],
    ["a list in JSON", JSON.stringify({ kind: "List", items: [secretObject] })],
    ["YAML", stringify(secretObject)],
    ["a list in YAML", stringify({ kind: "List", items: [secretObject] })],
    [
      "YAML among other documents",
      `kind: ConfigMap\ndata:\n  a: stays\n---\n${stringify(secretObject)}`,
    ],
  ];
  for (const [what, text] of texts) {
    it(`is the data of a Secret object, as ${what}`, () => {
      const left = redact(text);
      for (const value of Object.values(secretObject.data)) assert.ok(!left.includes(value), left);
      assert.ok(left.includes("grafana"), left);
    });
  }

  it("is nothing of another object's data", () => {
    const text = stringify({ kind: "ConfigMap", data: { blob: "AAECAwQFBgcICQ==" } });
    assert.equal(redact(text), text);
  });
});
