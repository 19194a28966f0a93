import fc from "fast-check";

export const GROUPS = [
  ...["kube_control_plane", "kube_node", "etcd", "lab", "rack-1", "all", "ungrouped"],
];
export const groupName = fc.constantFrom(...GROUPS);
export const ownGroup = fc.constantFrom(...GROUPS.slice(0, 5));

const HOSTS = [
  ...["a", "b1", "master.lan", "10.0.0.5", "node[1:3]", "n[08:10].lan", "r[a:c]-x", "k[1:5:2]"],
  ...["[:2]x", "y[0:3]", "z[3:1]", "w[5:1:-2]", "h:2222", "g[1:2]:22", "[fd00::1]:22", "fd00::2"],
  ...["10.0.[0:1].7", "p[y:B]", "e_[1:2]", "-q", "é", "lab"],
];
const ODD_HOSTS = [
  ...[
    "v[1:3:0]",
    "u[01:3]",
    "t[a:3]",
    "[a:b]:22",
    "::1",
    "x:",
    "q[:]",
    "q[1:2:3:4]",
    "q[1",
    "q]1[",
  ],
  ...["s[A:C]", "m[ab:cd]", "o[1:2]:", "i[1:+2]", "a|b", "c|[1:2]", "d:99999", "e:0", "'f'"],
];
export const host = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom(...HOSTS) },
  { weight: 1, arbitrary: fc.constantFrom(...ODD_HOSTS) },
);

export const variableName = fc.constantFrom(
  ...["ansible_host", "ansible_user", "ansible_port", "ansible_ssh_host", "ansible_ssh_user"],
  ...["ansible_ssh_port", "ip", "x", "x-y"],
);

/** Values whose reading is not plain: as they stand in a section [GROUP:vars]. */
const TRICKY = [
  ...["2222", "22 # moved", "22#x", "0x16", "022", "00", "1_000", "1.5", "10.0.0.7", ".5", "1e-3"],
  ...["'ops'", '"ops"', "'o' 'ps'", "'ops'  # the user", "ops # the user", "'it''s'", "'a'b"],
  ...[
    "r'a\\n'",
    "b'abc'",
    "f'x'",
    "'\\x41\\n'",
    "'''a'''",
    "'unfinished",
    "''",
    "",
    "None",
    "none",
  ],
  ...[
    "True",
    "true",
    "[1, 'a', None]",
    "[1,",
    "(1, 2)",
    "(1)",
    "1, 2",
    "1,",
    "()",
    "{'a': 1}",
    "{}",
  ],
  ...["{1, 2}", "{{ x }}", "'{{ x }}'", "-1", "- 1", "--1", "+(1)", "1+2", "1+2j", "...", "set()"],
  ...[
    "a=b",
    "=",
    "a b",
    "\\",
    "~",
    "@file",
    "12:30",
    "192.168.1.0/24",
    "1 2",
    "1if",
    "0b11",
    "0o17",
  ],
  ...["[x]", "'\\'", "'a' # b 'c'", "yes", "999999999999999999999", "é", "a;b", ";", "-", "- x"],
  ...[
    "u'é'",
    "'\\u00e9'",
    "'\\q'",
    "'a' b'c'",
    "{'a': [1, {'b': None}]}",
    "[[], ()]",
    "1__0",
    "0_0",
  ],
];
const tricky = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("ops", "2222", "10.0.0.9", "deploy user") },
  { weight: 12, arbitrary: fc.constantFrom(...TRICKY) },
  {
    weight: 1,
    arbitrary: fc.string({
      maxLength: 6,
      unit: fc.constantFrom(...Array.from("'\"\\#[](){},: =-+_.019xeabjr ")),
    }),
  },
);

/** A value on a host's line: in quotation marks as a person would write it, and rarely as it is. */
const word = tricky.chain((value) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(`"${value.replace(/(["\\])/g, "\\$1")}"`) },
    { weight: 3, arbitrary: fc.constant(`'${value.replaceAll("'", "'\\''")}'`) },
    { weight: 3, arbitrary: fc.constant(value.replace(/[^\w.:-]/g, (char) => `\\${char}`)) },
    { weight: 1, arbitrary: fc.constantFrom(value, `"${value}"`, `'${value}'`) },
  ),
);

const blank = fc.constantFrom("", "", "", " ", "\t", "  ");
const comment = fc.constantFrom("", "", "", " # said", " #x", "#x");

const hostLine = fc
  .tuple(blank, host, fc.array(fc.tuple(variableName, word), { maxLength: 2 }), comment)
  .map(([before, pattern, pairs, after]) =>
    [`${before}${pattern}`, ...pairs.map(([k, v]) => `${k}=${v}`)].join(" ").concat(after),
  );
const plainVarLine = fc
  .tuple(blank, variableName, fc.constantFrom("=", " = ", "= "), tricky, comment)
  .map(([before, k, sign, value, after]) => `${before}${k}${sign}${value}${after}`);
const varLine = fc.oneof(
  { weight: 40, arbitrary: plainVarLine },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom("5", "10", "-1", "'7'", "0")
      .map((n) => `ansible_group_priority=${n}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("ansible_group_priority=x", "; x", "x", "[x]", "x : y=1"),
  },
);
const childLine = fc.tuple(blank, ownGroup, comment).map((parts) => parts.join(""));
const noise = fc.constantFrom("", "# about", "; about", "   ", "\t# x");

function section(
  title: fc.Arbitrary<string>,
  line: fc.Arbitrary<string>,
  least = 0,
): fc.Arbitrary<string[]> {
  const mixed = fc.oneof({ weight: 6, arbitrary: line }, { weight: 1, arbitrary: noise });
  const lines = fc.array(mixed, { minLength: least, maxLength: 3 });
  return fc
    .tuple(blank, title, comment, lines)
    .map(([before, t, c, found]) => [`${before}${t}${c}`, ...found]);
}

const oddSection = fc
  .constantFrom("[x y]", "[x:hosts]", "[x:odd]", "[]", "[x", "---", "x: y", "[lab] ; x", "h ; x")
  .map((line) => [line]);

/** Declares every group, so that most inventories are accepted; order and loops are still up to chance. */
const DECLARED = GROUPS.map((group) => `[${group}]`);

export const iniText = fc
  .record({
    declared: fc.nat(9),
    before: fc.array(hostLine, { maxLength: 2 }),
    sections: fc.array(
      fc.oneof(
        {
          weight: 16,
          arbitrary: section(
            groupName.map((n) => `[${n}]`),
            hostLine,
            1,
          ),
        },
        {
          weight: 12,
          arbitrary: section(
            groupName.map((n) => `[${n}:vars]`),
            varLine,
          ),
        },
        {
          weight: 8,
          arbitrary: section(
            ownGroup.map((n) => `[${n}:children]`),
            childLine,
          ),
        },
        { weight: 1, arbitrary: oddSection },
      ),
      { minLength: 1, maxLength: 5 },
    ),
    end: fc.constantFrom("\n", "\n", "\r\n"),
    mark: fc.nat(40),
  })
  .map(({ declared, before, sections, end, mark }) => {
    const lines = [...before, ...(declared > 0 ? DECLARED : []), ...sections.flat()];
    return `${mark === 40 ? "\ufeff" : ""}${lines.join(end)}${end}`;
  });
