/** What preflight found on a machine that is not as described. */
export interface Finding {
  readonly what: string;
  readonly found: string;
  readonly expected: string;
  readonly advice: string;
}

const FINDING = /^ {2}(\S.*?): found (.*), expected (.*)\n {4}to do: (.*)$/gm;

/** The findings in what components/validation/files/preflight.sh says; see its function `finding`. */
export function parseFindings(stderr: string): Finding[] {
  return [...stderr.matchAll(FINDING)].map(
    ([, what = "", found = "", expected = "", advice = ""]) => ({ what, found, expected, advice }),
  );
}

/** What preflight lets pass, yet says: a line "preflight: …". */
export function parseNotes(stderr: string): string[] {
  return [...stderr.matchAll(/^preflight: (.*)$/gm)].map(([, note = ""]) => note);
}
