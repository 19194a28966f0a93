import { collect, examples, type InputOf, newVerb, withNamedStack } from "../../kit/verb/command";

const EXAMPLES: readonly (readonly [command: string, what: string])[] = [
  ["vmstation init --stack mine", "asks for the machines, writes Pulumi.mine.yaml"],
  ["vmstation init --stack mine --from inventory.ini --dry-run", "only print the file"],
  [
    "vmstation init --stack mine --from hosts.yml --sleeps nas --set apps.jellyfin.machine=nas",
    "add an app",
  ],
  [
    "vmstation init --stack mine --proxmox https://192.168.1.33:8006 --proxmox-ca ca.pem",
    "choose among virtual machines",
  ],
];

export const createCommand = () =>
  withNamedStack(
    newVerb()
      .option("--from <inventory>", "read the machines from an Ansible inventory; do not ask")
      .option(
        "--proxmox <url>",
        "offer the virtual machines that this API of Proxmox VE has; with --machine or a role, do not ask",
      )
      .option("--proxmox-ca <file>", "a copy of its pve-root-ca.pem, or its own certificate")
      .option("--proxmox-fingerprint <sha256>", "of its certificate, as Proxmox's pages show it")
      .option("-m, --machine <host>", "use only this host or group (repeatable)", collect, [])
      .option(
        "--control-plane <host>",
        "with --from or --proxmox: this host or group is a control plane (repeatable)",
        collect,
        [],
      )
      .option(
        "--etcd <host>",
        "with --from or --proxmox: this host or group is an etcd member (repeatable)",
        collect,
        [],
      )
      .option(
        "--worker <host>",
        "with --from or --proxmox: this host or group is a worker (repeatable)",
        collect,
        [],
      )
      .option(
        "--sleeps <host>",
        "with --from: this host or group sleeps when it is idle (repeatable)",
        collect,
        [],
      )
      .option("--without-vault", "with --from: skip files that Ansible Vault encrypts")
      .option("--user <name>", "SSH user, if the inventory names none; default: your own user name")
      .option("--set <layer.key=value>", "also write this value (repeatable)", collect, [])
      .option("--force", "replace an existing file; a copy is kept")
      .option("-y, --yes", "do not ask: you have compared the fingerprints already")
      .option("--dry-run", "print the file; write nothing")
      .option("--json", "write one JSON document that contains the file's text")
      .addHelpText("after", examples(...EXAMPLES)),
    "name of the new stack",
  );

export type Input = InputOf<typeof createCommand>;
