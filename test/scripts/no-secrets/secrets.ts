import assert from "node:assert/strict";

export const base64 = (text: string): string => Buffer.from(text).toString("base64");

const KEY_BODY = "MHcCAQEEIKx1m0bO3x2sW8tq7rKQm1nVfUo5dCeA9fUq3vXyZQhYpU1mAoGCCqG";
/** A private key as PEM. */
export const KEY = `-----BEGIN EC PRIVATE KEY-----\n${KEY_BODY}\n-----END EC PRIVATE KEY-----`;

/** What nobody may ever see, by what it is. Each stands wherever the real one would. */
export const SECRETS = {
  "a flat secret of the configuration": "bmc-calvin-4711",
  "Grafana's password": "gr4fana-adm1n-password",
  "the kubeconfig's key": base64(KEY),
  "etcd's key": KEY_BODY,
  "a service account's token":
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ",
  "the backups' passphrase": "r3stic-passphrase-0815",
  "a password in a log": "l0gged-passw0rd",
} as const;

export const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443"}}]
users: [{name: u, user: {client-key-data: ${SECRETS["the kubeconfig's key"]}}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;

/** Everything at once, as a machine that talks too much would say it, on both of its channels. */
export const CHATTER = [
  `login failed: password=${SECRETS["a password in a log"]}`,
  `GF_SECURITY_ADMIN_PASSWORD: ${SECRETS["Grafana's password"]}`,
  `ipmitool -U root -P ${SECRETS["a flat secret of the configuration"]} chassis status`,
  `RESTIC_PASSWORD=${SECRETS["the backups' passphrase"]}`,
  `Authorization: Bearer ${SECRETS["a service account's token"]}`,
  KEY,
  KUBECONFIG,
].join("\n");

/** Fails where one of the texts holds one of the secrets, plain or encoded. */
export function assertNoSecret(texts: readonly string[]): void {
  for (const [what, secret] of Object.entries(SECRETS)) {
    for (const form of [secret, base64(secret), encodeURIComponent(secret)]) {
      for (const text of texts) assert.ok(!text.includes(form), `${what}: ${text}`);
    }
  }
}
