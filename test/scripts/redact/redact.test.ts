import assert from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "yaml";
import { LogStream } from "../../../scripts/kit/ssh/log-stream";
import { listTexts } from "../../../scripts/kit/redact/known";
import { Redactor } from "../../../scripts/kit/redact/redact";
import { KeyLines } from "../../../scripts/kit/redact/key-lines";
import { ENCODINGS, secrets } from "./encodings";

/** Cases of each property; VMSTATION_CASES asks for more. */
const RUNS = Number(process.env.VMSTATION_CASES ?? 12);

/** What a secret must not leave behind: eight characters in a row of how it was written. */
function listParts(written: string): string[] {
  return Array.from({ length: Math.max(0, written.length - 7) }, (_, i) => written.slice(i, i + 8));
}

/** Whether an encoding writes the same around any secret: the name before it in base64, an entity's beginning. */
function isAround(part: string, secret: string, encode: (secret: string) => string): boolean {
  const other = encode(secret.replace(/[^]/gu, (char) => "~".repeat(Buffer.byteLength(char))));
  return other.includes(part);
}

/** What stands in a log, and is no secret. */
const WORDS = fc.oneof(
  fc.constantFrom(
    ...[
      "Started",
      "kubelet",
      "pod",
      "default/web-5d78c9869d-abcde",
      "failed:",
      "exit",
      "code=1",
      "a+b",
    ],
    ...[
      "192.168.8.63:6443",
      "(code=exited,",
      "100%",
      "%20",
      "&amp;",
      "\\n",
      "C:\\\\x",
      "it's",
      '"GET /x"',
    ],
    ...[
      "https://example.org/a?b=c#d",
      "2026-11-20T12:00:00Z",
      "level=info",
      '{"a":[1,"b"]}',
      "''",
      "-u",
    ],
    ...[
      "sha256:0b9fcca2e3f4a5b6c7d8e9f0",
      "dGhpcyBpcyBubyBzZWNyZXQgYXQgYWxs",
      "\\u0041",
      "user",
      "ops",
    ],
  ),
  fc.stringMatching(/^[a-z]{1,9}$/),
  fc.nat().map(String),
);

const redact = (text: string): string => new Redactor().redact(text);

const KEY_BODY = "MC4CAQAwBQYDK2VwBCIEIA9fUq3vXyZQhYpU1m0bO3x2sW8tq7rKQm1nVfUo5dCe";
const PEM = `-----BEGIN PRIVATE KEY-----\n${KEY_BODY}\n-----END PRIVATE KEY-----\n`;
const JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJlLW9mLXRoaXM";

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

describe("a secret that is known", () => {
  for (const [name, encode] of Object.entries(ENCODINGS)) {
    it(`is found: ${name}`, () => {
      const around = fc.stringMatching(/^[ a-z0-9:=,.]{0,12}$/);
      fc.assert(
        fc.property(secrets, around, around, (secret, before, after) => {
          const written = encode(secret);
          const text = `${before} ${written} ${after}`;
          const left = new Redactor([secret]).redact(text);
          assert.ok(left.includes("<redacted>"), left);
          for (const part of listParts(written)) {
            const isElsewhere = `${before} ${after}<redacted>`.includes(part);
            assert.ok(isElsewhere || !left.includes(part) || isAround(part, secret, encode), left);
          }
        }),
        { numRuns: RUNS },
      );
    });
  }

  it("takes nothing else out of a log", () => {
    const text = fc
      .array(fc.array(WORDS, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 })
      .map((lines) => lines.map((words) => words.join(" ")).join("\n"));
    fc.assert(
      fc.property(fc.array(secrets, { maxLength: 4 }), text, (known, log) => {
        fc.pre(known.every((secret) => !log.includes(secret)));
        assert.equal(new Redactor(known).redact(log), log);
      }),
      { numRuns: RUNS },
    );
  });

  it("goes where the text begins or ends within it", () => {
    const redactor = new Redactor(["correct-horse-battery"]);
    assert.equal(redactor.redact("horse-battery is"), "<redacted> is");
    assert.equal(redactor.redact("it is correct-ho"), "it is <redacted>");
    assert.equal(redactor.redact("battery is correct"), "battery is correct");
  });

  it("goes by its lines where it has several", () => {
    const redactor = new Redactor(["first-line-of-it\nsecond-line-of-it\n"]);
    assert.equal(redactor.redact("a second-line-of-it b"), "a <redacted> b");
  });

  it("goes only as a word of its own where it is short, and not at all below four characters", () => {
    const redactor = new Redactor(["ADMIN", "abc"]);
    assert.equal(
      redactor.redact("user ADMIN, ADMINISTRATOR, abc"),
      "user <redacted>, ADMINISTRATOR, abc",
    );
    assert.deepEqual(listTexts(["abc"]), []);
  });

  it("goes whole where it holds another", () => {
    assert.equal(
      new Redactor(["battery1", "horse-battery1"]).redact("horse-battery1"),
      "<redacted>",
    );
  });
});

describe("lines that come one by one", () => {
  it("lose a key that runs over several, and go on after it", () => {
    const keys = new KeyLines();
    const redactor = new Redactor();
    const lines = `one\n${PEM}two`.split("\n");
    assert.deepEqual(
      lines.flatMap((line) => redactor.redactLine(line, keys) ?? []),
      ["one", "<redacted>", "two"],
    );
  });
});

describe("a stream", () => {
  it("is the same however it is cut into buffers", () => {
    const text = [
      "one",
      PEM.trimEnd(),
      "password=hunter2",
      "zwölf €",
      `Authorization: Bearer ${JWT}`,
      "curl -u ops:hunter2 x",
      "end",
    ].join("\n");
    const bytes = Buffer.from(text);
    const pass = (cuts: readonly number[]): string => {
      let out = "";
      const stream = new LogStream((part) => (out += part));
      const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
      for (const [i, from] of places.entries()) stream.push(bytes.subarray(from, places[i + 1]));
      stream.end();
      return out;
    };
    const whole = pass([]);
    assert.ok(!/hunter2|eyJ|MC4C/.test(whole) && whole.includes("zwölf €"), whole);
    const cuts = fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (places) => {
        assert.equal(pass(places), whole);
      }),
      { numRuns: RUNS },
    );
  });
});
