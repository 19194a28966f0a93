import type { Machine } from "../../node/machine";
import { fixedOfMachines, fixedSettings, type FixedSetting } from "../fixed-settings";
import type { OwnMarks } from "../marks";
import { K3S_KEY_CHANGES } from "./key-changes";
import type { K3sArgs } from "./render-config";

export const MARKS: OwnMarks = { distribution: "K3s" };

/** What a running cluster keeps, and one machine of it. */
export function fixed(args: K3sArgs, machine?: Machine): readonly FixedSetting[] {
  return fixedSettings(args, K3S_KEY_CHANGES, fixedOfMachines(args, machine));
}
