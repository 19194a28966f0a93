import type { Command } from "commander";
import { addBackupVerbs } from "./verbs/backup";
import { addBootstrapVerbs } from "./verbs/bootstrap";
import { addMachineVerbs } from "./verbs/machines";
import { addOperationVerbs } from "./verbs/operations";
import { addPlanVerbs } from "./verbs/plan";
import { addPowerVerbs } from "./verbs/power";
import { addStackVerbs } from "./verbs/stacks";

/** Declares every verb; what a verb does is in the file of its name. */
export function addVerbs(program: Command): void {
  addPlanVerbs(program);
  addMachineVerbs(program);
  addOperationVerbs(program);
  addStackVerbs(program);
  addBootstrapVerbs(program);
  addPowerVerbs(program);
  addBackupVerbs(program);
}
