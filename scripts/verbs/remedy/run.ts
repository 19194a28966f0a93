import { completeCommands } from "../../kit/advice";
import { printable } from "../../kit/terminal/printable";
import type { Input } from "./command";
import { writeProgress } from "../../kit/controller/results";
import { writeJson } from "../../kit/verb/document";
import { type Problem, PROBLEMS } from "./problems";
import { renderPlan, renderProblems, renderResults } from "./render";
import { type Action, Remedies, type RemedyPlan, type Result } from "./remedies";
import { confirm } from "../../kit/terminal/confirm";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";

/** `vmstation remedy <problem> [target]`: shows what would mend it, asks, and does it. Alone it lists the problems. */
export async function run({ args: [name, target = ""], options }: Input): Promise<ExitCode> {
  const problem = PROBLEMS.find((one) => one.name === name);
  if (problem === undefined) return list(options);
  checkTarget(problem, target);
  const operator = Operator.open(options);
  try {
    if (problem.target === "a machine" && target !== "") operator.machine(target);
    return await mend(problem, target, operator, options);
  } finally {
    operator.close();
  }
}

async function mend(
  { name }: Problem,
  target: string,
  operator: Operator,
  options: Input["options"],
): Promise<ExitCode> {
  const remedies = new Remedies(operator);
  const plan = await remedies.plan(name, target);
  const dryRun = options.dryRun;
  const isQuiet = options.json;
  if (!isQuiet || !options.yes) {
    const { stack } = operator;
    const text = completeCommands(renderPlan(plan, dryRun), { stack, cwd: options.cwd });
    (isQuiet ? process.stderr : process.stdout).write(text);
  }
  const goesOn = plan.actions.length > 0 && !dryRun;
  const agreed = goesOn && (options.yes || (await confirm({ text: "Do this?" })));
  const results = agreed ? await act(remedies, name, target, plan.actions) : [];
  const code = toExitCode(plan, results, { dryRun, agreed });
  if (isQuiet) {
    const document = { version: 1, stack: operator.stack, problem: name, target, dryRun };
    writeJson({ ...document, exitCode: code, ...plan, results });
  } else process.stdout.write(renderResults(results, plan.actions));
  return code;
}

async function act(
  remedies: Remedies,
  problem: string,
  target: string,
  actions: readonly Action[],
): Promise<Result[]> {
  const results: Result[] = [];
  for (const action of actions) {
    writeProgress(`${printable(action.does)}\n`);
    results.push(await remedies.act(problem, target, action));
  }
  return results;
}

/** 1 where something is left that is not mended, or where nobody agreed; a dry run that shows its actions passes. */
function toExitCode(
  { actions, refusals }: RemedyPlan,
  results: readonly Result[],
  { dryRun, agreed }: { readonly dryRun: boolean; readonly agreed: boolean },
): ExitCode {
  if (refusals.length > 0 || results.some(({ done }) => !done)) return EXIT.fail;
  return actions.length === 0 || dryRun || agreed ? EXIT.pass : EXIT.fail;
}

function list(options: Input["options"]): ExitCode {
  if (options.json) writeJson({ version: 1, problems: PROBLEMS });
  else process.stdout.write(renderProblems(PROBLEMS));
  return EXIT.pass;
}

function checkTarget({ name, target }: Problem, word: string): void {
  if (target === undefined && word !== "") throw new UserError(`${name} takes no target.`);
}
