import { completeCommands, renderCommand } from "../../kit/advice";
import { RUN } from "../../../components/remote/render-stdin";
import { clusterArgs, methodOfSite, notOf } from "../../kit/cluster-args";
import { parseAnswer } from "./planner";
import { renderAnswer } from "./render";
import type { Input } from "./command";
import { writeJson } from "../../kit/verb/document";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode } from "../../kit/user-error";

/** `vmstation bootstrap plan`: the playbooks that are due, by the control plane's own record; changes nothing. */
export async function run({ options }: Input): Promise<ExitCode> {
  const operator = Operator.open(options);
  try {
    const { controller, stack, site } = operator;
    const method = methodOfSite(site);
    const input = method.question?.(clusterArgs(site));
    if (input === undefined) {
      throw notOf(
        method,
        "playbooks",
        `Each machine's step: ${renderCommand({ stack }, "preview")}`,
      );
    }
    const said = await operator.run(controller, { command: RUN, input });
    const answer = parseAnswer(controller.name, said);
    if (options.json) writeJson({ version: 1, stack, machine: controller.name, ...answer });
    else process.stdout.write(completeCommands(renderAnswer(controller.name, answer), { stack }));
    return answer.refused === null ? EXIT.pass : EXIT.fail;
  } finally {
    operator.close();
  }
}
