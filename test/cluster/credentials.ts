import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";

/** Who talks to the API server, by user name and groups. */
const USERS = {
  admin: { name: "admin", groups: ["system:masters"] },
  kubelets: { name: "kwok", groups: ["system:masters"] },
  "kube-controller-manager": { name: "system:kube-controller-manager", groups: [] },
  "kube-scheduler": { name: "system:kube-scheduler", groups: [] },
} as const;

export type User = keyof typeof USERS;

/** A cluster's secrets: a token for each user, and the key that signs service accounts' tokens. */
export interface Credentials {
  readonly tokens: Readonly<Record<User, string>>;
  readonly tokenFile: string;
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Makes them, in files of `folder`. */
export function writeCredentials(folder: string): Credentials {
  const token = (): string => randomBytes(16).toString("hex");
  const tokens = {
    admin: token(),
    kubelets: token(),
    "kube-controller-manager": token(),
    "kube-scheduler": token(),
  };
  const lines = Object.entries(USERS).map(([user, { name, groups }]) => {
    const secret = Object.entries(tokens).find(([each]) => each === user)?.[1] ?? "";
    return `${secret},${name},${user},"${groups.join(",")}"`;
  });
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    tokens,
    tokenFile: write(folder, "tokens.csv", `${lines.join("\n")}\n`),
    privateKey: write(folder, "sa.key", privateKey.export({ type: "pkcs8", format: "pem" })),
    publicKey: write(folder, "sa.pub", publicKey.export({ type: "spki", format: "pem" })),
  };
}

/** A kubeconfig as text: JSON, which every reader of YAML takes. */
export function renderKubeconfig(url: string, ca: string, token: string): string {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "test",
        cluster: { server: url, "certificate-authority-data": Buffer.from(ca).toString("base64") },
      },
    ],
    users: [{ name: "test", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** Writes a file that only its owner reads, and returns its path. */
export function write(folder: string, name: string, content: string | Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}
