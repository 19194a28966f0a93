import { fixedRoles, fixedSettings, type FixedSetting } from "../fixed-settings";
import type { OwnMarks } from "../marks";
import { RKE2_KEY_CHANGES } from "./key-changes";
import type { Rke2Args } from "./render-config";

export const MARKS: OwnMarks = { distribution: "RKE2" };

/** What a running cluster keeps. */
export function fixed(args: Rke2Args): readonly FixedSetting[] {
  return fixedSettings(args, RKE2_KEY_CHANGES, fixedRoles(args.machines));
}
