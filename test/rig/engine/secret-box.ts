import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts what a state file must not hold as plain text, with a key in a file of its own. */
export class SecretBox {
  private readonly key: Buffer;

  constructor(keyFile: string) {
    if (!existsSync(keyFile)) writeFileSync(keyFile, randomBytes(KEY_BYTES), { mode: 0o600 });
    this.key = readFileSync(keyFile);
  }

  encrypt(text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.key, nonce);
    const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
  }

  decrypt(ciphertext: string): string {
    const bytes = Buffer.from(ciphertext, "base64");
    const decipher = createDecipheriv(CIPHER, this.key, bytes.subarray(0, NONCE_BYTES));
    const bodyAt = NONCE_BYTES + TAG_BYTES;
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, bodyAt));
    const body = [decipher.update(bytes.subarray(bodyAt)), decipher.final()];
    return Buffer.concat(body).toString("utf8");
  }
}
