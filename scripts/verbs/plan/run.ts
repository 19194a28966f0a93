import { showPlan } from "../../kit/plan/show-plan";
import { EXIT, type ExitCode } from "../../kit/user-error";
import type { Input } from "./command";

/** `vmstation plan`: prints a stack's plan, for people or as JSON, and draws it. */
export async function run({ options }: Input): Promise<ExitCode> {
  const { cwd, stack, configFile, set: settings, graph, json } = options;
  await showPlan({ cwd, stack, configFile, settings, graph, json });
  return EXIT.pass;
}
