import type { Failure } from "../../kit/look/failure";
import { errorText } from "../../kit/look/findings";
import { RUN, renderStdin } from "../../../components/remote/render-stdin";
import type { PreflightSettings } from "../../../components/validation/render-preflight";
import { renderPreflight } from "../../../components/validation/render-preflight";
import { ask } from "../../kit/ssh/ask";
import type { Operator } from "../../kit/ssh/operator";
import { type Finding, parseFindings, parseNotes } from "./findings";

type SiteMachine = ReturnType<Operator["machine"]>;

/** How long another run on the machine is waited for, in seconds. */
const LOCK_SECONDS = 60;

export interface MachinePreflight {
  readonly machine: string;
  readonly address: string;
  readonly status: "as-described" | "not-as-described" | Failure["status"];
  /** Why it was not looked at; null where it was, or where its status says all. */
  readonly error: string | null;
  readonly findings: readonly Finding[];
  /** What is let pass because preparing the machine settles it. */
  readonly notes: readonly string[];
}

/** The look that `up` begins with, at one machine: nothing is changed there. */
export async function look(
  operator: Pick<Operator, "run">,
  machine: SiteMachine,
  settings: PreflightSettings,
): Promise<MachinePreflight> {
  const { name, address } = machine;
  const report = (found: Partial<MachinePreflight>): MachinePreflight => ({
    ...{ machine: name, address, status: "as-described" },
    ...{ error: null, findings: [], notes: [] },
    ...found,
  });
  const asked = await ask(operator, machine, {
    command: `${RUN} apply`,
    input: renderStdin(renderPreflight(machine, settings), {
      machine: name,
      lockSeconds: LOCK_SECONDS,
    }),
  });
  if (asked.status !== "answered") return report({ status: asked.status, error: asked.error });
  const { code, stderr } = asked.answer;
  const findings = parseFindings(stderr);
  const notes = parseNotes(stderr);
  if (code === 0) return report({ notes });
  if (findings.length > 0) return report({ status: "not-as-described", findings, notes });
  return report({ status: "could-not-look", error: errorText(stderr, false) });
}
