import { z } from "zod";
import { dnsLabel, dnsName, nodePort, port, resources, secretName } from "../../shared/scalars";
import { type Access, hostKeys } from "../../shared/hosts";
import { userId, volumeKeys } from "../frame/schema";

const SIGNUPS = "true, false, or the domains of their addresses: { domains: [example.org] }";
const address = z.email("an address such as vault@example.org");

const mailSchema = z
  .strictObject({
    server: dnsName.describe("Mail server that takes its mail"),
    port: port.prefault(587).describe("Port of the mail server"),
    security: z
      .enum(["starttls", "force_tls"])
      .prefault("starttls")
      .describe("starttls (usually port 587), or TLS from the start (force_tls, usually port 465)"),
    from: address.describe("Address that it sends from"),
    username: z.string().min(1).optional().describe("Account at the mail server"),
    passwordSecret: secretName.optional().describe("Secret key with the account's password"),
  })
  .refine((mail) => (mail.username === undefined) === (mail.passwordSecret === undefined), {
    path: ["passwordSecret"],
    message: "username and passwordSecret, both or neither",
  });

interface Judged {
  readonly access?: Access | undefined;
  readonly signups: boolean | { readonly domains: readonly string[] };
  readonly mail?: object | undefined;
  readonly adminHost?: string | undefined;
  readonly adminTokenSecret?: string | undefined;
}

export const vaultwardenSchema = z
  .strictObject({
    machine: dnsLabel.describe("The machine that runs it"),
    ...hostKeys,
    host: hostKeys.host
      .unwrap()
      .describe("Its name behind vmstation:platform.ingress, which its clients are bound to"),
    nodePort: nodePort
      .prefault(30_081)
      .describe("Port on the control plane, where its machine sleeps; nowhere else is there one"),
    data: z
      .strictObject({
        ...volumeKeys("/var/lib/vaultwarden", "5Gi"),
      })
      .prefault({})
      .describe("Database, attachments and keys; kept when Vaultwarden is removed"),
    signups: z
      .union(
        [
          z.boolean(),
          z.strictObject({
            domains: z.array(dnsName).min(1, SIGNUPS).describe("Domains of addresses that may"),
          }),
        ],
        SIGNUPS,
      )
      .prefault(false)
      .describe("Who may make an account without an invitation"),
    mail: mailSchema.optional().describe("How it sends mail (default: it sends none)"),
    adminTokenSecret: secretName
      .optional()
      .describe(
        "Secret key with the hash of the administrator's password (argon2id), which opens /admin (default: no /admin)",
      ),
    adminHost: hostKeys.host.describe(
      "Name for home under which /admin answers where its own name is public (default: none)",
    ),
    uid: userId.prefault(1000).describe("User and group that it runs as"),
    resources: resources({
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { cpu: "2", memory: "512Mi" },
    }).describe("CPU and memory"),
  })
  .superRefine(judgePublic)
  .describe("Vaultwarden, a server for Bitwarden's clients: passwords");

export type VaultwardenConfig = z.output<typeof vaultwardenSchema>;

/** What is safe at home alone, and keys that would do nothing. */
function judgePublic(config: Judged, ctx: z.RefinementCtx): void {
  const refuse = (key: keyof Judged, input: unknown, message: string): void => {
    ctx.addIssue({ code: "custom", path: [key], input, message });
  };
  const { access, signups, mail, adminHost, adminTokenSecret } = config;
  const isPublic = access === "public";
  if (isPublic && signups === true) {
    const accepted = "false, or { domains: [example.org] }: everybody would make an account";
    refuse("signups", signups, accepted);
  }
  // Without a mail that asks, anybody may say that an address is theirs.
  if (isPublic && typeof signups === "object" && mail === undefined)
    refuse("mail", mail, "a mail server, since signups by domain ask each address by mail");
  if (adminHost === undefined) return;
  if (!isPublic) refuse("adminHost", adminHost, "no key: /admin is below apps.vaultwarden.host");
  if (adminTokenSecret === undefined)
    refuse("adminHost", adminHost, "apps.vaultwarden.adminTokenSecret too: there is no /admin");
}
