import fc from "fast-check";
import { groupName, host, ownGroup, variableName } from "./ini-texts";

const VALUES = [
  ...[
    "ops",
    "'ops'",
    '"ops"',
    "2222",
    '"2222"',
    "022",
    "0o22",
    "0x16",
    "22:30",
    "1_000",
    "yes",
    "No",
  ],
  ...[
    "on",
    "y",
    "~",
    "null",
    "",
    "1.5",
    "1e3",
    "1.e+3",
    ".5",
    ".inf",
    "2024-01-02",
    "+5",
    "0",
    "-5",
  ],
  ...["10.0.0.7", "[a, b]", "{a: 1}", "[]", "{}", "ops # said", "ops#said", "'it''s'", '"a\\tb"'],
  ...["!!str 22", "!!int '22'", "!unsafe '{{ x }}'", "'{{ x }}'", "é", "&here x", "09:30", "1:99"],
  ...["!vault |\n__$ANSIBLE_VAULT;1.1;AES256\n__6132", "|\n__line", ">-\n__folded\n__text"],
  ...[
    "0b11",
    "08",
    "a:b",
    "a -b",
    "[a, [b, {c: 1}]]",
    '"x: y"',
    "x\n__y",
    "! 12",
    "! '12'",
    "!!null ''",
  ],
];
/** What makes no value, or no YAML at all. */
const BAD = ["2024-13-01", "{{ x }}", "!odd x", "@x", "a: b", "- x", "=", "<<", "*nobody", "'a"];
const value = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom("ops", "2222", "10.0.0.9") },
  { weight: 40, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 1, arbitrary: fc.constantFrom(...BAD) },
);
const key = fc.oneof(
  { weight: 80, arbitrary: variableName },
  { weight: 4, arbitrary: fc.constantFrom("1", "'q'", '"q"') },
  { weight: 1, arbitrary: fc.constantFrom("? [a]", "~", "[a]") },
);

type Lines = readonly string[];
const indent = (lines: Lines): Lines => lines.map((line) => `  ${line}`);

function under(title: string, lines: Lines): Lines {
  return lines.length === 0 ? [`${title}:`] : [`${title}:`, ...indent(lines)];
}

const pair = fc
  .tuple(key, value)
  .map(([k, v]) => `${k}: ${v}`.replaceAll("\n__", "\n    ").split("\n"));
/** The anchors are at the beginning of a file that has such a line. */
const merge = fc.oneof(
  {
    weight: 15,
    arbitrary: fc.constantFrom("<<: *one", "<<: *two", "<<: [*one, *two]", '"<<": x', "<<: {x: 9}"),
  },
  { weight: 1, arbitrary: fc.constantFrom("<<: x", "<<: [1]", "<<:") },
);
const mapLines: fc.Arbitrary<Lines> = fc
  .array(
    fc.oneof({ weight: 5, arbitrary: pair }, { weight: 1, arbitrary: merge.map((line) => [line]) }),
    { maxLength: 3 },
  )
  .map((pairs) => pairs.flat());

const hostsLines = (least: number): fc.Arbitrary<Lines> =>
  fc
    .array(
      fc.tuple(host, mapLines).map(([pattern, lines]) => {
        const isPlain = /^[a-z][\w.]*$/.test(pattern);
        return under(isPlain ? pattern : JSON.stringify(pattern), lines);
      }),
      { minLength: least, maxLength: 3 },
    )
    .map((hosts) => hosts.flat());

const odd = fc.constantFrom(
  ...["hosts: [a, b]", "hosts: a", "vars: text", "children: lab", "other: {a: 1}", "other: 1"],
  ...["hosts: {5: {}}", "hosts: {a: text}", "hosts: {a: []}", "vars: []", "children: {lab: text}"],
);

/** A group of a few levels. */
function groupLines(depth: number, leastHosts = 0): fc.Arbitrary<Lines> {
  const children: fc.Arbitrary<Lines> =
    depth === 0
      ? fc.constant([])
      : fc
          .array(fc.tuple(ownGroup, groupLines(depth - 1)), { maxLength: 2 })
          .map((groups) => groups.flatMap(([n, lines]) => under(n, lines)));
  return fc
    .record({
      vars: mapLines,
      hosts: hostsLines(leastHosts),
      children,
      strange: fc.option(odd, { freq: 60 }),
      isReversed: fc.boolean(),
    })
    .map(({ vars, hosts, children: below, strange, isReversed }) => {
      const parts = [under("vars", vars), under("hosts", hosts), under("children", below)];
      const filled = parts.filter((part) => part.length > 1);
      const ordered = isReversed ? filled.reverse() : filled;
      return [...ordered.flat(), ...(strange === null ? [] : [strange])];
    });
}

const ANCHORS = [
  ...["shared:", "  vars:", "    first: &one {x: 1, ansible_user: merged}"],
  "    second: &two {ip: 10.0.0.3, ansible_port: 2200}",
];

export const yamlText = fc
  .record({
    top: groupLines(2, 1),
    others: fc.array(fc.tuple(groupName, groupLines(1)), { maxLength: 2 }),
    start: fc.oneof(
      {
        weight: 30,
        arbitrary: fc.constantFrom("", "---\n", "# ours\n", "\ufeff", "%YAML 1.1\n---\n"),
      },
      { weight: 1, arbitrary: fc.constantFrom("plugin: x\n", "plugin:\n", "---\n---\n") },
    ),
    end: fc.constantFrom("\n", "\n", "\r\n"),
  })
  .map(({ top, others, start, end }) => {
    const groups = [...under("all", top), ...others.flatMap(([n, found]) => under(n, found))];
    const needsAnchors = groups.some((line) => /\*(one|two)/.test(line));
    return `${start}${[...(needsAnchors ? ANCHORS : []), ...groups].join(end)}${end}`;
  });

export const jsonText = fc
  .record({
    port: fc.constantFrom<unknown>(22, "22", null, true, [1], { __ansible_vault: "x" }, 2 ** 40),
    host,
    isText: fc.boolean(),
  })
  .map(({ port, host: pattern, isText }) =>
    JSON.stringify({
      all: {
        vars: { ansible_port: port, x: { __ansible_unsafe: "{{ y }}" } },
        hosts: isText ? pattern : { [pattern]: { x: 1 } },
      },
    }),
  );

/** What a file in group_vars or host_vars holds. */
export const variablesText = fc.oneof(
  {
    weight: 40,
    arbitrary: mapLines.map((lines) => {
      const needsAnchors = lines.some((line) => /\*(one|two)/.test(line));
      const anchors = needsAnchors ? ["one: &one {x: 1}", "two: &two {ip: 10.0.0.4}"] : [];
      return `${[...anchors, ...lines].join("\n")}\n`;
    }),
  },
  { weight: 4, arbitrary: fc.constantFrom("", "# nothing\n", '{"x": "json"}', "{}\n", "[]\n") },
  { weight: 1, arbitrary: fc.constantFrom("- a\n", "text\n", "a: [1\n") },
);
