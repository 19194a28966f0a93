import { stat } from "node:fs/promises";
import { isIP } from "node:net";
import { resolve } from "node:path";
import { serveFolder } from "../../kit/mirror/serve";
import { printable } from "../../kit/terminal/printable";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";
import type { Input } from "./command";
import { writeJson } from "../../kit/verb/document";
import { renderKeys } from "./render";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** `vmstation mirror serve FOLDER`: serves the folder until it is ended. */
export async function run({ args: [given], options }: Input): Promise<ExitCode> {
  const { address, port } = options;
  const folder = resolve(options.cwd, given);
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) throw new UserError(`There is no folder ${folder}.`);
  if (isIP(address) === 0)
    throw new UserError(`--address ${address}: it must be an IP address of this computer.`);
  const onAnswer = (method: string, path: string, status: number): void => {
    process.stderr.write(`${status} ${method} ${printable(path)}\n`);
  };
  const server = await serveFolder({ folder, address, port, onAnswer }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(`${address}:${String(port)} cannot be listened on: ${why}`);
  });
  if (options.json) writeJson({ version: 1, folder, url: server.url });
  else process.stdout.write(renderKeys(folder, server.url));
  await new Promise((end) => {
    for (const signal of SIGNALS) process.once(signal, end);
  });
  await server.close();
  return EXIT.pass;
}
