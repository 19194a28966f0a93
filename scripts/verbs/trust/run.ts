import { join } from "node:path";
import type { Input } from "./command";
import { isHostKey } from "../../kit/host-keys/host-key";
import { confirmFingerprints } from "../../kit/host-keys/compare";
import { scanHostKey } from "../../kit/host-keys/scan";
import { writeJson } from "../../kit/controller/results";
import { type Finding, renderFinding, renderJson, renderPinned } from "./render";
import { StackFile, type PinnedMachine } from "./stack-file";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";

/** `vmstation trust [machine…]`: shows the machines' host keys and pins them in the stack's file. */
export async function run({ args: [names], options }: Input): Promise<ExitCode> {
  const stack = options.stack;
  const file = StackFile.read(join(options.cwd, `Pulumi.${stack}.yaml`));
  const machines = file.machines(names);
  const given = givenKey(options, machines);
  const findings = await Promise.all(
    machines.map(async (m): Promise<Finding> => ({ ...m, shown: given ?? (await scanHostKey(m)) })),
  );
  if (options.json) writeJson(findings.map(renderJson));
  else process.stdout.write(findings.map(renderFinding).join(""));
  const open = findings.filter((finding) => finding.shown !== finding.pinned);
  const pinnable = open.filter((finding) => finding.shown !== undefined);
  if (pinnable.length > 0 && !options.dryRun) await pin(file, pinnable, options.yes);
  return findings.every((finding) => finding.shown !== undefined) ? EXIT.pass : EXIT.couldNotRun;
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

async function pin(file: StackFile, findings: readonly Finding[], sure: boolean): Promise<void> {
  const names = findings.map((finding) => finding.name).join(", ");
  if (!sure && !(await confirmFingerprints(`Are they the same? Then ${names} will be pinned.`))) {
    process.stdout.write(renderPinned(file.path, []));
    return;
  }
  for (const { name, shown } of findings) if (shown !== undefined) file.pin(name, shown);
  file.write();
  process.stdout.write(renderPinned(file.path, findings));
}
