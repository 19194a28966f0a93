import { collect, type Evidence } from "./collect";
import { collectFromProxmox } from "./collect-proxmox";
import { decryptSecrets, listPlainSecrets } from "./known-secrets";
import { buildDiagnosis, type Diagnosis } from "./report";
import { checkOutput, writeReport } from "./write-report";
import { Progress } from "../../kit/terminal/progress";
import type { Input } from "./command";
import { loadProject } from "../../kit/stack-file/project";
import { loadStackConfig } from "../../kit/stack-file/stack-config";
import { writeJson } from "../../kit/verb/document";
import { Redactor } from "../../kit/redact/redact";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode } from "../../kit/user-error";
import { renderSummary } from "./render";

/** `vmstation diagnose`: evidence of all machines that are awake, in one report without secrets. */
export async function run({ args: [names], options }: Input): Promise<ExitCode> {
  const stack = options.stack;
  const at = new Date();
  const output = options.output ?? renderName(stack, at);
  checkOutput(output);
  const project = loadProject(options.cwd);
  const decrypted = await decryptSecrets(project, stack);
  const operator = Operator.open(options);
  try {
    const config = loadStackConfig(project, stack, options.configFile);
    const hosted =
      names.length === 0 ? collectFromProxmox(operator, options.configFile) : undefined;
    const machines = await collectAll(operator, names);
    const evidence = [...machines, (await hosted) ?? []].flat();
    const redactor = new Redactor([
      ...decrypted,
      ...listPlainSecrets(config, project.name),
      ...evidence.flatMap(({ secrets }) => secrets),
    ]);
    const diagnosis = buildDiagnosis({ stack, at, evidence }, redactor);
    const files = writeReport(diagnosis, output);
    show(diagnosis, files, options);
    return toExitCode(diagnosis);
  } finally {
    operator.close();
  }
}

/** "diagnosis-homelab-20261120T140000Z" */
function renderName(stack: string, at: Date): string {
  return `diagnosis-${stack}-${at.toISOString().replace(/[-:]|\.\d+/g, "")}`;
}

/** Side by side; a machine that is away is part of the report. */
async function collectAll(operator: Operator, names: readonly string[]): Promise<Evidence[]> {
  const { machines } = operator.site;
  const chosen = names.length === 0 ? machines : names.map((name) => operator.machine(name));
  const progress = new Progress(process.stderr);
  try {
    return await Promise.all(
      chosen.map((machine) => {
        const onProgress = (sections: number): void => {
          progress.set(machine.name, String(sections));
        };
        return collect({ operator, machine, onProgress });
      }),
    );
  } finally {
    progress.clear();
  }
}

function show(diagnosis: Diagnosis, files: readonly string[], options: Input["options"]): void {
  if (options.json) {
    const { machines, ...rest } = diagnosis;
    const states = machines.map(({ sections, ...machine }) => ({
      ...machine,
      sections: sections.length,
    }));
    writeJson({ ...rest, files, machines: states });
    return;
  }
  process.stdout.write(renderSummary(diagnosis, files));
}

/** 2 where nothing at all could be collected; what the report tells is no failure of the report. */
function toExitCode({ machines }: Diagnosis): ExitCode {
  return machines.some(({ sections }) => sections.length > 0) ? EXIT.pass : EXIT.couldNotRun;
}
