import type { Machine } from "../../node/machine";
import { fixedOfMachines, fixedSettings, type FixedSetting } from "../fixed-settings";
import type { OwnMarks } from "../marks";
import { RKE2_KEY_CHANGES } from "./key-changes";
import type { Rke2Args } from "./render-config";

export const MARKS: OwnMarks = { distribution: "RKE2" };

/** What a running cluster keeps, and one machine of it. */
export function fixed(args: Rke2Args, machine?: Machine): readonly FixedSetting[] {
  return fixedSettings(args, RKE2_KEY_CHANGES, fixedOfMachines(args, machine));
}
