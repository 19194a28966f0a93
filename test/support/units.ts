import type { Recorded } from "./mocks";

/** A file below /etc/systemd/system as a step brings it: its words, then a here-document. */
const FILE =
  /^ {2}file(64)? '\/etc\/systemd\/system\/([^']+)' .*<<'(END_OF_FILE_*)'\n([\s\S]*?)^\3$/gm;

/** Units and drop-ins (path below /etc/systemd/system → the texts that it has) that a stack puts on its machines. */
export type Units = Map<string, Set<string>>;

export function addUnit(units: Units, name: string, text: string): void {
  units.set(name, (units.get(name) ?? new Set()).add(text));
}

export function addUnitsOf(units: Units, graph: readonly Recorded[]): void {
  for (const { inputs } of graph) {
    for (const [, encoded, name = "", , body = ""] of String(inputs.stdin).matchAll(FILE))
      addUnit(units, name, encoded === undefined ? body : Buffer.from(body, "base64").toString());
  }
}

/**
 * Each text under a name of its own, so that all can be verified together. The name of a mount follows from its path,
 * and a drop-in's from its unit: they can have one text each.
 */
export function nameApart(units: Units): Map<string, string> {
  const apart = [...units].flatMap(([name, texts]) =>
    [...texts].map((text, i): [string, string] => {
      if (i > 0 && /mount$|\.conf$/.test(name)) throw new Error(`two texts of ${name}`);
      return [i === 0 ? name : name.replace(/(?=\.\w+$)/, `-variant${i}`), text];
    }),
  );
  return new Map(apart);
}
