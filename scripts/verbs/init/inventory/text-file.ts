import { readdirSync, readFileSync } from "node:fs";
import { TextDecoder } from "node:util";
import { EXIT, UserError } from "../../../kit/user-error";
import { byCodePoints } from "./python";

const VAULT_HEADER = "$ANSIBLE_VAULT";

/** What reads every kind of inventory, and writes one that is read here. */
export function howToConvert(inventory: string): string {
  return (
    `\`ansible-inventory -i ${inventory} --list --yaml --output plain.yml\` on a computer with Ansible ` +
    "writes one that is: --from plain.yml"
  );
}

/** A file's text; undefined where it is encrypted and may be left out. */
export function readText(file: string, withoutVault: boolean): string | undefined {
  const bytes = readBytes(file);
  if (bytes.toString("latin1", 0, VAULT_HEADER.length) === VAULT_HEADER) {
    if (withoutVault) return undefined;
    throw new UserError(
      `${file} is encrypted by Ansible Vault and cannot be read. To continue without it, use --without-vault. ` +
        "To use what it holds, decrypt the whole inventory:\n" +
        "  ansible-inventory -i INVENTORY --list --yaml --ask-vault-pass --output plain.yml\n" +
        "Then use --from plain.yml, and delete plain.yml afterwards.",
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UserError(`${file} is not UTF-8 text. Save it as UTF-8.`, EXIT.fail);
  }
}

function readBytes(file: string): Buffer {
  return orRefuse(file, () => readFileSync(file));
}

/** The names in a folder, in the order of sorted(). */
export function listNames(folder: string): string[] {
  return orRefuse(folder, () => readdirSync(folder).sort(byCodePoints));
}

function orRefuse<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${error instanceof Error ? error.message : ""}`);
  }
}
