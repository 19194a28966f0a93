/** What stands in a report where a secret stood. */
export const REDACTED = "<redacted>";

/** Names whose value is a secret, as the last part of a key: adminPassword, GF_SECURITY_ADMIN_PASSWORD, etcd-key. */
const NAMES = [
  "pass(?:word|wd|phrase)",
  "[_-]pass",
  "pwd",
  "secret(?:[-_]?key)?",
  "token",
  "(?:api|access|private|encryption|signing|session|account|auth)[-_]?key",
  "client-(?:key|certificate)-data",
  "credentials?",
  "authorization",
  "cookie",
  "encryptionsalt",
].join("|");

/** A value: in quotes, or up to a space or to what ends one in a URL, a list or a command line. */
const QUOTED = `"(?:[^"\\\\]|\\\\.)*"|'[^']*'`;
const VALUE = `${QUOTED}|[^\\s,;&"'{}\\[\\]()]+`;

interface Pattern {
  readonly find: RegExp;
  readonly replace: string;
}

/** Each finds one shape that secrets come in; what it keeps says what was there. */
export const PATTERNS: readonly Pattern[] = [
  // PEM in base64, as Secret objects and kubeconfigs hold it ("-----BEGIN").
  { find: /\bLS0tLS1CRUdJTi[A-Za-z0-9+/=\n]{16,}/g, replace: REDACTED },
  // JSON Web Tokens: service accounts.
  { find: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/g, replace: REDACTED },
  // kubeadm's bootstrap tokens; RKE2's and K3s's node tokens.
  { find: /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, replace: REDACTED },
  { find: /\bK10[0-9a-f]{16,}::\S+/g, replace: REDACTED },
  // Hashes of passwords, as /etc/shadow has them.
  { find: /\$(?:1|5|6|y|7|2[abxy]|argon2(?:i|d|id))\$[./A-Za-z0-9$,=+-]{16,}/g, replace: REDACTED },
  // Tokens that say by their beginning what they are: age, GitHub, Grafana, AWS, Pulumi.
  {
    find: /\b(?:AGE-SECRET-KEY-1[A-Z0-9]+|gh[pousr]_\w{16,}|glsa_\w{16,}|AKIA[0-9A-Z]{16}|pul-[0-9a-f]{16,})/g,
    replace: REDACTED,
  },
  {
    find: /(\bauthorization\\?["']?\s*[:=]\s*\\?["']?)(?!<)(?:(?:Basic|Bearer|Digest|Token)\s+)?[^\s"'\\]+/gi,
    replace: `$1${REDACTED}`,
  },
  // Without the header's name only what no sentence says: "Basic System" is none.
  { find: /\b(Bearer|Basic)\s+(?=\S*\d)[\w.~+/=-]{8,}/g, replace: `$1 ${REDACTED}` },
  { find: /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]+@/gi, replace: `$1:${REDACTED}@` },
  // --password VALUE, and ipmitool's -P VALUE.
  {
    find: new RegExp(`(--(?:[\\w-]*-)?(?:${NAMES}))(?:=|\\s+)(?:${VALUE})`, "gi"),
    replace: `$1=${REDACTED}`,
  },
  {
    find: new RegExp(`(\\bipmitool\\b[^\\n]*?\\s-P)\\s*(?:${VALUE})`, "g"),
    replace: `$1 ${REDACTED}`,
  },
  // A container's environment: the name in one field, the value in the next.
  {
    find: new RegExp(
      `(\\bname["']?\\s*:\\s*["']?[\\w.-]*(?:${NAMES})["']?,?\\s+?["']?value["']?\\s*:\\s*)(?:${VALUE})|` +
        `(\\bname\\\\?"\\s*:\\s*\\\\?"[\\w.-]*(?:${NAMES})\\\\?",\\s*\\\\?"value\\\\?"\\s*:\\s*)(?:\\\\"[^"\\\\]*\\\\"|${VALUE})`,
      "gi",
    ),
    replace: `$1$2${REDACTED}`,
  },
  // KEY=VALUE, key: value, "key": "value", also with the quotes escaped as inside a JSON string.
  {
    find: new RegExp(
      `((?:\\b|[_.-])[\\w.-]*?(?:${NAMES})(?:\\\\?["'])?[ \\t]*[:=][ \\t]*)(?!${REDACTED})(?:\\\\"[^"\\\\]*\\\\"|${VALUE})`,
      "gi",
    ),
    replace: `$1${REDACTED}`,
  },
];
