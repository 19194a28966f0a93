import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { newestVersion, releaseChangelog, type Section } from "./changelog";
import type { Repository } from "./repository";
import { nextVersions, parseVersion } from "./version";

export interface ReleaseArgs {
  readonly repository: Repository;
  readonly version: string;
  /** "2026-11-30" */
  readonly date: string;
  /** Whether to write, commit and tag; default: only say what would be done. */
  readonly apply: boolean;
  /** Runs a script of package.json and resolves to what it said where it failed. */
  readonly check: (script: string) => Promise<string | undefined>;
  readonly say: (text: string) => void;
}

const CHANGELOG = "CHANGELOG.md";
const MANIFESTS = ["package.json", "package-lock.json"];
const STATES = "test/support/fixtures/states";

/** Pins, documents and recorded deployments are each looked at by tests: a release runs them. */
const CHECKS = ["check", "check:release"];

/** Releases a version, or says all that keeps it from being released. Resolves to the exit code. */
export async function release(args: ReleaseArgs): Promise<number> {
  const { repository, version, say } = args;
  const faults = await listFaults(args);
  const section = await sectionFor(args);
  if (section === undefined)
    faults.push(`nothing has changed since the last release: ${CHANGELOG} has nothing to say`);
  if (faults.length === 0) faults.push(...(await runChecks(args)));
  if (faults.length > 0 || section === undefined) {
    say(`${version} cannot be released:\n${faults.map((each) => `  - ${each}\n`).join("")}`);
    return 1;
  }
  say(`${section.section.trimEnd()}\n\n`);
  if (!args.apply) {
    say(`Nothing was changed. To write this into ${CHANGELOG}, commit and tag: add --apply.\n`);
    return 0;
  }
  await apply(repository, version, section);
  say(`v${version} is tagged here. To publish it: git push origin main v${version}\n`);
  return 0;
}

async function listFaults({ repository, version }: ReleaseArgs): Promise<string[]> {
  const faults: string[] = [];
  const branch = await repository.branch();
  if (branch !== "main") faults.push(`the branch is ${branch}: git switch main`);
  const changed = await repository.changed();
  if (changed.length > 0)
    faults.push(
      `files are changed and not committed: ${changed.map((line) => line.slice(3)).join(", ")}`,
    );
  const [last, ...earlier] = await repository.releases();
  if ([last, ...earlier].includes(`v${version}`)) faults.push(`v${version} is tagged already`);
  faults.push(
    ...wrongVersion(version, last?.slice(1)),
    ...differentVersions(repository.root, version),
  );
  if (last !== undefined) faults.push(...(await notRecorded(repository, last)));
  return faults;
}

function wrongVersion(version: string, last: string | undefined): string[] {
  if (parseVersion(version) === undefined) return [`${version} is no version such as 0.4.0`];
  if (last === undefined || nextVersions(last).includes(version)) return [];
  return [`${version} does not follow ${last}: one of ${nextVersions(last).join(", ")} does`];
}

/** A changelog that is ahead names what comes next; the manifest may be behind, and is written. */
function differentVersions(root: string, version: string): string[] {
  const newest = newestVersion(read(root, CHANGELOG));
  const current = versionIn(read(root, "package.json"));
  const known = [version, current];
  return newest === undefined || known.includes(newest)
    ? []
    : [`${CHANGELOG} is about ${newest}, package.json about ${current}`];
}

/** An update from the last release is only tested where a deployment by it was recorded. */
async function notRecorded(repository: Repository, tag: string): Promise<string[]> {
  const folder = path.join(repository.root, STATES);
  const recorded = existsSync(folder) ? readdirSync(folder) : [];
  const commit = await repository.commitOf(tag);
  const names = recorded
    .filter((file) => file.endsWith(".json.br"))
    .map((file) => file.slice(0, -8));
  if (names.some((name) => name === tag || commit.startsWith(name))) return [];
  return [`no deployment by ${tag} is recorded in ${STATES}: its README.md says how`];
}

async function sectionFor({
  repository,
  version,
  date,
}: ReleaseArgs): Promise<Section | undefined> {
  const [last] = await repository.releases();
  const titles = await repository.titlesSince(last);
  return releaseChangelog(read(repository.root, CHANGELOG), { version, date, titles });
}

async function runChecks({ check }: ReleaseArgs): Promise<string[]> {
  const faults: string[] = [];
  for (const script of CHECKS) {
    const said = await check(script);
    if (said !== undefined) faults.push(`npm run ${script} fails:\n${said}`);
  }
  return faults;
}

async function apply(repository: Repository, version: string, { text, section }: Section) {
  const { root } = repository;
  const before = versionIn(read(root, "package.json"));
  write(root, CHANGELOG, text);
  for (const file of MANIFESTS) write(root, file, withVersion(read(root, file), before, version));
  await repository.git("add", CHANGELOG, ...MANIFESTS);
  const changed = await repository.changed();
  if (changed.length > 0) await repository.git("commit", "--quiet", "-m", `Release ${version}`);
  // Headings begin with #, which git takes for a comment.
  const message = section.replace(/^## /, "VMStation ");
  await repository.git("tag", "--annotate", "--cleanup=verbatim", `v${version}`, "-m", message);
}

function read(root: string, file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

/** Whole or not at all. */
function write(root: string, file: string, text: string): void {
  const temporary = path.join(root, `${file}.new`);
  writeFileSync(temporary, text);
  renameSync(temporary, path.join(root, file));
}

function versionIn(manifest: string): string {
  return /^ {2}"version": "([^"]+)"/m.exec(manifest)?.[1] ?? "nothing";
}

/** The project's own version, which a lock file has twice; those of packages stay. */
function withVersion(manifest: string, before: string, version: string): string {
  const own = `"version": "${before}"`;
  const parts = manifest.split(own);
  const isOwn = (index: number): boolean =>
    index < (manifest.includes('"lockfileVersion"') ? 2 : 1);
  return parts
    .map((part, i) => (i === 0 ? part : `${isOwn(i - 1) ? `"version": "${version}"` : own}${part}`))
    .join("");
}
