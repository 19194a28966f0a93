import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { parseJson } from "../parse-json";
import { UserError } from "../user-error";

const fileSchema = z.object({ checkpoint: z.object({ latest: z.unknown() }).optional() });

/** The wrapper's own folder in a project, ignored by git: state, passphrase, copies, scratch. */
export class LocalState {
  readonly folder: string;
  readonly passphraseFile: string;

  constructor(projectRoot: string) {
    this.folder = join(projectRoot, ".vmstation");
    this.passphraseFile = join(this.folder, "passphrase");
  }

  get backendUrl(): string {
    return pathToFileURL(join(this.folder, "state")).href;
  }

  create(): void {
    mkdirSync(join(this.folder, "state"), { recursive: true, mode: 0o700 });
  }

  /** Whether the local backend holds a stack, in either form in which Pulumi writes it. */
  hasStack(project: string, stack: string): boolean {
    const file = this.stateFile(project, stack);
    return existsSync(file) || existsSync(`${file}.gz`);
  }

  /** A stack's state as the local backend keeps it; undefined where it has none yet. */
  readState(project: string, stack: string): unknown {
    const file = this.stateFile(project, stack);
    if (!this.hasStack(project, stack)) return undefined;
    const text = existsSync(file)
      ? readFileSync(file, "utf8")
      : gunzipSync(readFileSync(`${file}.gz`)).toString("utf8");
    const content = fileSchema.safeParse(parseJson(text));
    return content.success ? content.data.checkpoint?.latest : undefined;
  }

  private stateFile(project: string, stack: string): string {
    return join(this.folder, "state", ".pulumi", "stacks", project, `${stack}.json`);
  }

  hasPassphrase(): boolean {
    return existsSync(this.passphraseFile);
  }

  /** Makes the passphrase once. It is never made again for a state that was encrypted with another. */
  ensurePassphrase(project: string, stack: string): void {
    if (this.hasPassphrase()) {
      chmodSync(this.passphraseFile, 0o600);
    } else if (this.hasStack(project, stack)) {
      throw new UserError(
        `${this.passphraseFile} is missing. It holds the passphrase of the state of ${stack}. ` +
          `Restore the file, or set PULUMI_CONFIG_PASSPHRASE.`,
      );
    } else {
      const passphrase = randomBytes(32).toString("base64url");
      writeFileSync(this.passphraseFile, passphrase, { mode: 0o600, flag: "wx" });
    }
  }

  /** The salt that belongs to a stack's passphrase, once the CLI has made one. */
  readSalt(stack: string): string | undefined {
    const file = this.saltFile(stack);
    return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
  }

  writeSalt(stack: string, salt: string): void {
    writeFileSync(this.saltFile(stack), `${salt}\n`, { mode: 0o600 });
  }

  /** The copy of a stack's configuration that the CLI may write to. */
  copyFile(stack: string): string {
    return join(this.folder, `Pulumi.${stack}.yaml`);
  }

  private saltFile(stack: string): string {
    return join(this.folder, `${stack}.salt`);
  }
}
