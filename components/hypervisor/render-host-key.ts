import { filesStep } from "../remote/files-step";
import type { Step } from "../remote/step";
import type { HypervisorConfig } from "./config";
import type { VirtualMachine } from "./virtual";

const KIND = "ssh-ed25519";
const BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END = "-----END OPENSSH PRIVATE KEY-----";
/** What an OpenSSH key begins with: its format, and that it is not encrypted (cipher, KDF, its options, one key). */
const PLAIN = Buffer.concat([
  Buffer.from("openssh-key-v1\0", "latin1"),
  ...["none", "none", ""].map((text) => withLength(Buffer.from(text, "latin1"))),
  Buffer.from([0, 0, 0, 1]),
]);

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The public half that an Ed25519 key in OpenSSH's format has in it; undefined for anything else. */
export function publicHalf(privateKey: string): string | undefined {
  const lines = privateKey.trim().split(/\r?\n/);
  if (lines[0] !== BEGIN || lines.at(-1) !== END) return undefined;
  const bytes = Buffer.from(lines.slice(1, -1).join(""), "base64");
  if (!bytes.subarray(0, PLAIN.length).equals(PLAIN)) return undefined;
  const rest = bytes.subarray(PLAIN.length);
  if (rest.length < 4) return undefined;
  const blob = rest.subarray(4, 4 + rest.readUInt32BE());
  const start = withLength(Buffer.from(KIND, "latin1"));
  return blob.subarray(0, start.length).equals(start)
    ? `${KIND} ${blob.toString("base64")}`
    : undefined;
}

/** Cloud-init's data by which a machine gets this host key, and no other, at its first boot. */
export function renderVendorData(machine: string, hostKey: string, privateKey: string): string {
  const lines = privateKey.trim().split(/\r?\n/);
  return [
    "#cloud-config",
    "ssh_deletekeys: true",
    "ssh_keys:",
    "  ed25519_private: |",
    ...lines.map((line) => `    ${line}`),
    `  ed25519_public: ${hostKey} ${machine}`,
    "",
  ].join("\n");
}

function fileName({ vm }: VirtualMachine): string {
  return `vmstation-${vm.id}.yaml`;
}

/** The data as Proxmox names it: a volume of the storage. */
export function vendorDataVolume(
  machine: VirtualMachine,
  { snippets }: Pick<HypervisorConfig, "snippets">,
): string {
  return `${snippets.storage}:snippets/${fileName(machine)}`;
}

/** What a host gets of it. */
export function hostKeyStep(
  machine: VirtualMachine & { readonly hostKey: string },
  { snippets }: Pick<HypervisorConfig, "snippets">,
  privateKey: string,
): Step {
  const { name, hostKey, vm } = machine;
  return filesStep(`vmstation-${vm.id}`, [
    {
      path: `${snippets.folder}/${fileName(machine)}`,
      content: renderVendorData(name, hostKey, privateKey),
      mode: "0600",
      secret: true,
    },
  ]);
}

/** Why the machine must not be made with this key: its halves differ, and nobody could log in. */
export function findUnequal(machine: VirtualMachine, privateKey: string): string | undefined {
  const { name, hostKey, vm } = machine;
  if (hostKey !== undefined && publicHalf(privateKey) === hostKey) return undefined;
  return (
    `machines.${name}.hostKey is not the public half of the secret ${vm.hostKeySecret ?? ""}. If ${name} is made already, ` +
    `and has the key of the configuration, remove machines.${name}.vm.hostKeySecret. If it is not, remove ` +
    `machines.${name}.hostKey, and run: npx vmstation trust ${name}`
  );
}
