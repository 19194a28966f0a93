import type { Command } from "commander";
import { addMachineVerbs } from "./verbs/machines";
import { addPlanVerbs } from "./verbs/plan";
import { addStackVerbs } from "./verbs/stacks";

/** Declares every verb; what a verb does is in the file of its name. */
export function addVerbs(program: Command): void {
  addPlanVerbs(program);
  addMachineVerbs(program);
  addStackVerbs(program);
}
