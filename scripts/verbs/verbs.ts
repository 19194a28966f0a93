import type { Command } from "commander";
import { addBackupVerbs } from "./declared/backup";
import { addBootstrapVerbs } from "./declared/bootstrap";
import { addMachineVerbs } from "./declared/machines";
import { addOperationVerbs } from "./declared/operations";
import { addPlanVerbs } from "./declared/plan";
import { addPowerVerbs } from "./declared/power";
import { addStackVerbs } from "./declared/stacks";

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
