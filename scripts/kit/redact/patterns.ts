/** What stands in a report where a secret stood. */
export const REDACTED = "<redacted>";

/** Names whose value is a secret, as the last part of a key: adminPassword, GF_SECURITY_ADMIN_PASSWORD, etcd-key. */
const NAMES = [
  "pass(?:word|wd|phrase)",
  "[_-]pass",
  "pwd",
  "secret(?:[-_]?key)?",
  "token",
  "(?:api|access|private|encryption|signing|session|account|auth|certificate)[-_]?key",
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
  // OpenSSH's own keys without the lines around them.
  { find: /\bb3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=\r\n]+/g, replace: REDACTED },
  // Hashes of passwords, as /etc/shadow has them.
  { find: /\$(?:1|5|6|y|7|2[abxy]|argon2(?:i|d|id))\$[./A-Za-z0-9$,=+-]{16,}/g, replace: REDACTED },
  // Tokens with a known prefix: age, GitHub, Grafana, AWS, Pulumi, Slack, GitLab, npm, Docker.
  {
    find: /\b(?:AGE-SECRET-KEY-1[A-Z0-9]+|gh[pousr]_\w{16,}|glsa_\w{16,}|AKIA[0-9A-Z]{16}|pul-[0-9a-f]{16,}|xox[abprs]-[\w-]{10,}|glpat-[\w-]{16,}|npm_\w{30,}|dckr_pat_[\w-]{16,}|tskey-[\w-]{16,})/g,
    replace: REDACTED,
  },
  // Addresses by which anybody may write: of a bot of Telegram's, of a webhook of Discord's or Slack's.
  { find: /(\/bot)\d+:[\w-]+/g, replace: `$1${REDACTED}` },
  { find: /\b\d{8,10}:[\w-]{35}\b/g, replace: REDACTED },
  {
    find: /(\bdiscord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d+\/)[\w-]+/g,
    replace: `$1${REDACTED}`,
  },
  { find: /(\bhooks\.slack\.com\/\w+\/)[\w/-]+/g, replace: `$1${REDACTED}` },
  // Headers whose value has several parts: all of the line.
  {
    find: /(\bauthorization["']?\s*[:=]\s*["']?(?:Digest|AWS4-HMAC-SHA256|MediaBrowser)\s)[^\n]+/gi,
    replace: `$1${REDACTED}`,
  },
  { find: /(\b(?:set-)?cookie["']?:(?!\s*["']?<)\s*["']?)[^\n"']+/gi, replace: `$1${REDACTED}` },
  {
    find: /(\bauthorization\\?["']?\s*[:=]\s*\\?["']?)(?!<)(?:(?:Basic|Bearer|Digest|Token)\s+)?[^\s"'\\]+/gi,
    replace: `$1${REDACTED}`,
  },
  // Without the header's name, only what cannot be a sentence: "Basic System" is no token.
  { find: /\b(Bearer|Basic)\s+(?=\S*\d)[\w.~+/=-]{8,}/g, replace: `$1 ${REDACTED}` },
  // user:password@ in a URL; what follows the colon is a port where it is a number and then a path.
  {
    find: /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"'<>]*):(?!<|\d{1,5}(?:[/?#\s"']|$))[^\s"'<>]+@/gi,
    replace: `$1:${REDACTED}@`,
  },
  // USER:PASSWORD as an argument of curl.
  {
    find: /(\bcurl\b[^\n|;]*?\s(?:-[a-zA-Z]*[uU]|--(?:proxy-)?user)[\s=]*)(?:(["'])[^\s:"']*:.*?\2|[^\s:"']+:\S+)/g,
    replace: `$1${REDACTED}`,
  },
  // -p, by which some commands take a password.
  {
    find: new RegExp(
      `(\\bsshpass\\b[^\\n]*?\\s-p|\\bmysql\\w*\\b[^\\n]*?\\s-p(?=\\S)|\\bdocker login\\b[^\\n]*?\\s-p)\\s*(?:${VALUE})`,
      "g",
    ),
    replace: `$1 ${REDACTED}`,
  },
  // A passphrase is several words, up to the next option or the end of the sentence.
  {
    find: new RegExp(
      `(\\bpass[_-]?phrase["']?(?:\\s*[:=]\\s*|\\s+(?=["'])))(?!${REDACTED})(?:${QUOTED}|[^\\s,;&"'{}[\\]()]+(?: (?!-)[^\\s,;&"'{}[\\]()]+)*)`,
      "gi",
    ),
    replace: `$1${REDACTED}`,
  },
  {
    find: new RegExp(
      `(--[\\w-]*pass[_-]?phrase)(?:=|\\s+)(?!${REDACTED})(?:${QUOTED}|[^\\s-]\\S*(?: (?!-)\\S+)*)`,
      "gi",
    ),
    replace: `$1=${REDACTED}`,
  },
  // A block of YAML.
  {
    find: new RegExp(
      `^([ \\t]*)((?:- )?[\\w.-]*(?:${NAMES})["']?:[ \\t]*)[|>][-+0-9]*[ \\t]*\\n(?:(?:\\1[ \\t]+[^\\n]*|[ \\t]*)(?:\\n|$))+`,
      "gim",
    ),
    replace: `$1$2${REDACTED}\n`,
  },
  // A line that is nothing but a password of several words, as a file of settings has it.
  {
    find: new RegExp(
      `^([ \\t]*(?:- |export )?["']?[\\w.-]*pass(?:word|wd)["']?:[ \\t]+)(?!${REDACTED}|["'{\\[|>&*!])\\S+(?:[ \\t]+\\S+)+[ \\t]*$`,
      "gim",
    ),
    replace: `$1${REDACTED}`,
  },
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
