import {
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../../kit/user-error";

const PRIVATE = 0o600;

/**
 * Replaces a file atomically by what `change` makes of it, readable by its owner only. kubectl's own lock (FILE.lock) is
 * held meanwhile. A link stays a link. Resolves to whether the content has changed.
 */
export function changePrivate(file: string, change: (text: string) => string): boolean {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const target = existsSync(file) ? realpathSync(file) : file;
  const lock = `${target}.lock`;
  takeLock(lock);
  try {
    const before = existsSync(target) ? readFileSync(target, "utf8") : undefined;
    const after = change(before ?? "");
    if (after === before) {
      chmodSync(target, PRIVATE);
      return false;
    }
    replace(target, after);
    return true;
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(lock: string): void {
  try {
    closeSync(openSync(lock, "wx", PRIVATE));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    throw new UserError(
      `${lock} exists: another program is changing the file. If none is, delete the lock.`,
    );
  }
}

function replace(target: string, text: string): void {
  const next = `${target}.${process.pid}.new`;
  try {
    const handle = openSync(next, "wx", PRIVATE);
    try {
      // Before anything is written, since the umask may allow more.
      fchmodSync(handle, PRIVATE);
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(next, target);
  } finally {
    rmSync(next, { force: true });
  }
}
