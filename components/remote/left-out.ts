import type { Step } from "./step";

/** A step that always fails: its resource must not be updated without the one whose output it needs. */
const LEFT_OUT: Step = {
  name: "left-out",
  script: `step() {
  fail "this step is made from what another resource yields, which --target has left out and which was never made" \\
    "name that one to --target as well, or run without --target"
}`,
  libraries: [],
};

/**
 * A step that is made from what another resource has printed, or yields otherwise. Under `pulumi up --target` one that
 * never ran and is left out has no outputs, whatever their types say; what needs it is then left out by the engine as
 * well, or refused.
 */
export function whenKnown(printed: string | undefined, make: (printed: string) => Step): Step {
  return printed === undefined ? LEFT_OUT : make(printed);
}
