import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Input } from "./command";
import { isHostKey } from "../../kit/host-keys/host-key";
import { confirmCertificates, confirmFingerprints } from "../../kit/host-keys/compare";
import { scanHostKey } from "../../kit/host-keys/scan";
import { writeJson } from "../../kit/verb/document";
import { makeKeys } from "./make-keys";
import { isUnsettled, listOpen, pinCertificates, scanHosts } from "./certificates";
import {
  type Finding,
  isToBeMade,
  renderDocument,
  renderFinding,
  renderHost,
  renderHosts,
  renderPinned,
} from "./render";
import { loadProject } from "../../kit/stack-file/project";
import { renderNoStack } from "../../kit/stack-file/stacks";
import { StackFile, type PinnedMachine } from "./stack-file";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";

/** `vmstation trust [machine…]`: shows the machines' host keys, or the hosts' certificates, and pins them in the stack's file. */
export async function run({ args: [names], options }: Input): Promise<ExitCode> {
  const stack = options.stack;
  const project = loadProject(options.cwd);
  const path = join(project.configFolder, `Pulumi.${stack}.yaml`);
  if (!existsSync(path)) throw new UserError(renderNoStack(project, stack, path));
  const before = StackFile.read(path);
  if (options.hypervisor) return trustHosts(before, names, options);
  const machines = before.machines(names);
  const given = givenKey(options, machines);
  const seen = await Promise.all(
    machines.map(async (m): Promise<Finding> => ({ ...m, shown: given ?? (await scanHostKey(m)) })),
  );
  const say = options.json ? process.stderr : process.stdout;
  const about = { project, stack, has: (key: string) => before.has(key) };
  const made = options.dryRun ? [] : await makeKeys(seen.filter(isToBeMade), about);
  const findings = seen.map((finding) => made.find(({ name }) => name === finding.name) ?? finding);
  say.write(findings.map(renderFinding).join(""));
  // The CLI has written the secrets into it.
  const file = StackFile.read(path);
  for (const { name, pinned } of made) if (pinned !== undefined) file.pin(name, pinned);
  if (made.length > 0) file.write();
  const open = findings.filter((finding) => finding.shown !== finding.pinned);
  const pinnable = open.filter((finding) => finding.shown !== undefined);
  const wants = pinnable.length > 0 && !options.dryRun;
  const changed = (wants && (await pin(file, pinnable, options.yes, say))) || made.length > 0;
  if (options.json) writeJson(renderDocument(stack, file.path, findings, changed));
  return findings.every(isSettled) ? EXIT.pass : EXIT.couldNotRun;
}

/** The key is known, or the machine's own key was shown. */
function isSettled(finding: Finding): boolean {
  return finding.shown !== undefined || finding.isMade === true || isToBeMade(finding);
}

function givenKey(
  options: Input["options"],
  machines: readonly PinnedMachine[],
): string | undefined {
  const key = options.key;
  if (key === undefined) return undefined;
  const words = key.trim().split(/\s+/).slice(0, 2).join(" ");
  if (machines.length !== 1)
    throw new UserError("--key is the key of one machine: name exactly one machine.");
  if (!isHostKey(words)) {
    throw new UserError(
      "--key must be a public host key: the content of /etc/ssh/ssh_host_ed25519_key.pub.",
    );
  }
  return words;
}

async function trustHosts(
  file: StackFile,
  names: readonly string[],
  { stack, dryRun, yes, json, key }: Input["options"],
): Promise<ExitCode> {
  if (key !== undefined) throw new UserError("--key and --hypervisor exclude each other.");
  const say = json ? process.stderr : process.stdout;
  const findings = await scanHosts(file, names);
  const { endpoint } = file.hypervisor;
  say.write(findings.map((each) => renderHost(each, endpoint)).join(""));
  const open = listOpen(findings);
  const question = `Are they the same? Then the certificates of ${open.map(({ name }) => name).join(", ")} will be pinned.`;
  const changed = open.length > 0 && !dryRun && (yes || (await confirmCertificates(question)));
  if (changed) pinCertificates(file, open);
  if (open.length > 0 && !dryRun) say.write(renderPinned(file.path, changed ? open : []));
  if (json) writeJson(renderHosts(stack, file.path, findings, changed));
  return !findings.some(isUnsettled) ? EXIT.pass : EXIT.couldNotRun;
}

/** Whether the keys were written. */
async function pin(
  file: StackFile,
  findings: readonly Finding[],
  sure: boolean,
  say: NodeJS.WriteStream,
): Promise<boolean> {
  const names = findings.map((finding) => finding.name).join(", ");
  if (!sure && !(await confirmFingerprints(`Are they the same? Then ${names} will be pinned.`))) {
    say.write(renderPinned(file.path, []));
    return false;
  }
  for (const { name, shown } of findings) if (shown !== undefined) file.pin(name, shown);
  file.write();
  say.write(renderPinned(file.path, findings));
  return true;
}
