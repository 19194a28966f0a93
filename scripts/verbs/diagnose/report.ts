import { statusWords } from "../../kit/look/status-words";
import { z } from "zod";
import type { Redactor } from "../../kit/redact/redact";
import { checkSchema } from "../../kit/validation-report";
import type { Evidence, Section } from "./collect";

const checksSchema = z.object({ checks: z.array(z.unknown()) });

export type MachineEvidence = Pick<
  Evidence,
  "machine" | "address" | "status" | "error" | "sections"
>;

/** Everything that report.json holds; without secrets. */
export interface Diagnosis {
  readonly version: 1;
  readonly stack: string;
  /** When it was begun, ISO 8601 in UTC. */
  readonly at: string;
  /** The findings, most urgent first. */
  readonly findings: readonly string[];
  readonly machines: readonly MachineEvidence[];
}

/** The report of what the machines said: secrets are taken out of every text before anything else is done with it. */
export function buildDiagnosis(
  args: { readonly stack: string; readonly at: Date; readonly evidence: readonly Evidence[] },
  redactor: Redactor,
): Diagnosis {
  const machines = args.evidence.map(
    ({ machine, address, status, error, sections }): MachineEvidence => ({
      ...{ machine, address, status },
      error: error === null ? null : redactor.redact(error),
      sections: sections.map(({ name, code, text }) => ({
        ...{ name: redactor.redact(name), code },
        text: redactor.redact(text),
      })),
    }),
  );
  const isBlind = args.evidence.some(({ blind }) => blind);
  return {
    ...{ version: 1, stack: args.stack, at: args.at.toISOString() },
    findings: [
      ...machines.flatMap(findOnMachine),
      ...(isBlind
        ? [
            "The cluster's Secret objects could not be read, so the logs may hold secrets. Check them before you share this.",
          ]
        : []),
    ],
    machines,
  };
}

function findOnMachine({ machine, status, error, sections }: MachineEvidence): string[] {
  const textOf = (wanted: string): string =>
    sections.find(({ name }) => name === wanted)?.text ?? "";
  const away =
    status === "collected" || status === "asleep" || status === "offline"
      ? []
      : [`${machine}: ${statusWords(status)}: ${error?.split("\n")[0] ?? ""}`];
  return [
    ...away,
    ...findFailedChecks(machine, textOf("validation")),
    ...[...textOf("failed units").matchAll(/^\W*(\S+\.\w+)\s+\S+\s+failed\b/gm)].map(
      ([, unit = ""]) => `${machine}: the unit ${unit} has failed`,
    ),
    ...findFullDisks(machine, textOf("disks")),
    ...sections.flatMap((section) => findTimeout(machine, section)),
  ];
}

/** One check that is not understood is named, and hides no other. */
function findFailedChecks(machine: string, text: string): string[] {
  const { data } = checksSchema.safeParse(parseJson(text));
  return (data?.checks ?? []).flatMap((each) => {
    const { data: check } = checkSchema.safeParse(each);
    if (check === undefined) {
      return [`${machine}: a check of the validation is not understood: ${JSON.stringify(each)}`];
    }
    const { group, name, status, found, advice } = check;
    return status === "pass" ? [] : [`${group}: ${name}: ${found} (to do: ${advice})`];
  });
}

/** From df's table: anything used by nine tenths or more. */
function findFullDisks(machine: string, text: string): string[] {
  return [...text.matchAll(/\s(9\d|100)%\s+(\/\S*)$/gm)].map(
    ([, used = "", folder = ""]) => `${machine}: the file system of ${folder} is ${used} % full`,
  );
}

function findTimeout(machine: string, { name, code }: Section): string[] {
  return code === 124 ? [`${machine}: "${name}" gave no answer in time`] : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
