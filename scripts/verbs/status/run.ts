import { listOpenQuestions } from "../../../stacks/open-questions";
import { completeCommands } from "../../kit/advice";
import { Operator } from "../../kit/ssh/operator";
import { loadStackConfig } from "../../kit/stack-file/stack-config";
import { Style } from "../../kit/terminal/style";
import { EXIT, type ExitCode } from "../../kit/user-error";
import { writeJson } from "../../kit/verb/document";
import { listAttention } from "./attention";
import type { Input } from "./command";
import { look } from "./look";
import { renderPage } from "./render";

/** `vmstation status`: the stack on one page, by what is known without waking a machine; 1 where something needs attention. */
export async function run({ options }: Input): Promise<ExitCode> {
  const operator = Operator.open(options);
  try {
    const { stack, site, project } = operator;
    const config = loadStackConfig(project, stack, options.configFile);
    const open = listOpenQuestions(site, stack, (name) => config.has(`${project.name}:${name}`));
    const found = await look(operator);
    const attention = listAttention(stack, found, open).map((line) => {
      return completeCommands(line, { stack, cwd: options.cwd });
    });
    if (options.json) writeDocument(operator, found, attention);
    else {
      const page = {
        stack,
        site,
        found,
        attention,
        now: Date.now() / 1000,
        columns: process.stdout.columns,
      };
      process.stdout.write(renderPage(page, Style.of(process.stdout, process.env)));
    }
    return attention.length === 0 ? EXIT.pass : EXIT.fail;
  } finally {
    operator.close();
  }
}

function writeDocument(
  { stack, site }: Operator,
  found: Awaited<ReturnType<typeof look>>,
  attention: readonly string[],
): void {
  const { power, checks, ...others } = found;
  const rows = "value" in power ? power.value : [];
  const machines = site.machines.map(({ name, address, sleeps, offline }) => ({
    ...{ name, address, sleeps, offline },
    power: rows.find(({ machine }) => machine === name) ?? null,
  }));
  writeJson({ version: 1, stack, ...others, machines, cluster: checks, attention });
}
