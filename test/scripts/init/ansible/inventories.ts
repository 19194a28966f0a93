import fc from "fast-check";
import { GROUPS, iniText } from "./ini-texts";
import { jsonText, variablesText, yamlText } from "./yaml-texts";

/** Files of an inventory, by path, and which of them (or their folder, ".") is read. */
export interface InventoryCase {
  readonly files: Readonly<Record<string, string>>;
  readonly path: string;
}

const PLACES = [
  ...["", "", ".yml", ".yml", ".yaml", ".json", "/main.yml", "/20.yaml", "/10.yml", "/plain"],
  ...["/.hidden.yml", "/old.yml~", "/sub/more.yml", "/sub.d/more.yml", "/notes.txt", ".txt"],
];

const variablesFile = fc
  .record({
    kind: fc.constantFrom("group_vars", "host_vars"),
    owner: fc.constantFrom(...GROUPS, "a", "b1", "master.lan", "node1", "10.0.0.5", "k3"),
    place: fc.constantFrom(...PLACES),
    text: variablesText,
  })
  .map(({ kind, owner, place, text }) => [`${kind}/${owner}${place}`, text] as const);

const mainFile: fc.Arbitrary<[file: string, text: string]> = fc.oneof<
  fc.MaybeWeightedArbitrary<[string, string]>[]
>(
  {
    weight: 10,
    arbitrary: fc.tuple(fc.constantFrom("hosts", "hosts.ini", "hosts.cfg", "inventory.d"), iniText),
  },
  { weight: 8, arbitrary: fc.tuple(fc.constantFrom("hosts.yml", "hosts.yaml", "hosts"), yamlText) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom("hosts.json", "hosts"), jsonText) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom("hosts.ini", "hosts.yml"), fc.oneof(iniText, yamlText)),
  },
);

/** One inventory in any of its spellings. */
export const inventory: fc.Arbitrary<InventoryCase> = fc
  .record({
    main: mainFile,
    second: fc.option(fc.oneof(iniText, yamlText), { freq: 2 }),
    inFolder: fc.nat(3),
    variables: fc.array(variablesFile, { maxLength: 4 }),
  })
  .map(({ main: [file, text], second, inFolder, variables }) => {
    const files: Record<string, string> = { [file]: text };
    const isFolder = inFolder === 0;
    if (isFolder && second !== null) files["99-more"] = second;
    for (const [path, content] of variables) {
      // A path that is a file cannot be a folder as well: the first one stays.
      const clashes = Object.keys(files).some(
        (known) => known === path || known.startsWith(`${path}/`) || path.startsWith(`${known}/`),
      );
      if (!clashes) files[path] = content;
    }
    return { files, path: isFolder ? "." : file };
  });
