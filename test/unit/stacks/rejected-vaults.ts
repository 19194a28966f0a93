import type { Change } from "../../support/homelab";
import type { Rejection } from "./rejection";

const vaultwarden = (keys: object): Change[] => [
  [["apps", "vaultwarden"], { machine: "maple", host: "passwords", ...keys }],
];
const vault = (keys: object): Change[] => [
  [["apps", "vault"], { machine: "maple", host: "vault", ...keys }],
];

/** Mistakes in apps that hold, or show, what nobody else may see. */
export const REJECTED_VAULTS: readonly Rejection[] = [
  {
    name: "a public Vaultwarden that everybody may join",
    changes: vaultwarden({ access: "public", signups: true }),
    path: "apps.vaultwarden.signups",
    found: /true/,
    accepted: /false, or \{ domains: \[example\.org\] \}/,
  },
  {
    name: "a public Vaultwarden that asks no address whose it is",
    changes: vaultwarden({ access: "public", signups: { domains: ["example.org"] } }),
    path: "apps.vaultwarden.mail",
    found: /nothing/,
    accepted: /a mail server/,
  },
  {
    name: "sign-ups to Vaultwarden by no domain",
    changes: vaultwarden({ signups: { domains: [] } }),
    path: "apps.vaultwarden.signups.domains",
    found: /\[\]/,
    accepted: /domains: \[example\.org\]/,
  },
  {
    name: "Vaultwarden without a name",
    changes: [[["apps", "vaultwarden"], { machine: "maple" }]],
    path: "apps.vaultwarden.host",
    found: /nothing/,
    accepted: /a label such as photos/,
  },
  {
    name: "a second name for the administrator of a Vaultwarden at home",
    changes: vaultwarden({ adminTokenSecret: "vaultAdmin", adminHost: "vault-admin" }),
    path: "apps.vaultwarden.adminHost",
    found: /vault-admin/,
    accepted: /no key: \/admin is below apps\.vaultwarden\.host/,
  },
  {
    name: "a name for the administrator of a Vaultwarden that has none",
    changes: vaultwarden({ access: "public", adminHost: "vault-admin" }),
    path: "apps.vaultwarden.adminHost",
    found: /vault-admin/,
    accepted: /apps\.vaultwarden\.adminTokenSecret too/,
  },
  {
    name: "a mail account without its password",
    changes: vaultwarden({
      mail: { server: "mail.example.org", from: "vault@example.org", username: "vault" },
    }),
    path: "apps.vaultwarden.mail.passwordSecret",
    found: /nothing/,
    accepted: /both or neither/,
  },
  {
    name: "a public store of secrets",
    changes: vault({ access: "public" }),
    path: "apps.vault.access",
    found: /public/,
    accepted: /nobody outside gets as far as a store of secrets/,
  },
  {
    name: "a store of secrets on a machine that sleeps",
    changes: vault({ machine: "hazel" }),
    path: "apps.vault.machine",
    found: /hazel, which sleeps/,
    accepted: /always-on/,
  },
  {
    name: "a store of secrets of an unknown engine",
    changes: vault({ engine: "bao" }),
    path: "apps.vault.engine",
    found: /bao/,
    accepted: /openbao/,
  },
  {
    name: "a public page with a link to the home",
    changes: [
      [
        ["apps", "homepage"],
        {
          ...{ machine: "maple", host: "@", access: "public" },
          links: [{ title: "Proxmox", url: "https://192.168.7.233:8006" }],
        },
      ],
    ],
    path: "apps.homepage.links[0].url",
    found: /192\.168\.7\.233/,
    accepted: /the page is public, and shows nothing of the home/,
  },
];
