import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { writeJson } from "../../kit/verb/document";
import { hasProgram } from "../../kit/mirror/program";
import { listStack } from "../../kit/mirror/list-stack";
import { Progress } from "../../kit/terminal/progress";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";
import type { Input } from "./command";
import { Fetcher } from "./fetcher";
import { renderDone, renderWithoutSkopeo } from "./render";

/** `vmstation mirror fetch FOLDER`: downloads what the folder lacks of what the stack downloads. */
export async function run({ args: [given], options }: Input): Promise<ExitCode> {
  const folder = resolve(options.cwd, given);
  const progress = new Progress(process.stderr);
  const fetcher = new Fetcher(folder, options.from, (name, state) => {
    progress.set(name, state);
  });
  const before = await listStack(options, folder);
  if (!options.dryRun) await createFolder(folder);
  const copies = options.images && (await hasProgram("skopeo"));
  try {
    const plain = await fetcher.fetchFiles(before, options.dryRun);
    // The charts are downloaded now, and they name further images.
    const needs = options.dryRun ? before : await listStack(options, folder);
    const images = copies ? await fetcher.fetchImages(needs, options.dryRun) : [];
    progress.clear();
    const left = copies ? [] : await fetcher.missingImages(needs);
    const fetched = [...plain, ...images];
    if (options.json)
      writeJson({
        version: 1,
        stack: options.stack,
        folder,
        fetched,
        images: left,
        unlisted: needs.unlisted,
      });
    else process.stdout.write(renderDone(fetched, needs.unlisted, options.dryRun));
    if (options.images && !options.json && left.length > 0)
      process.stdout.write(renderWithoutSkopeo(left, folder, options.from));
    const isMissing = options.images && left.length > 0 && !options.dryRun;
    return isMissing || fetched.some(({ error }) => error !== null) ? EXIT.fail : EXIT.pass;
  } finally {
    progress.clear();
  }
}

async function createFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new UserError(
      `${folder} cannot be made: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
}
