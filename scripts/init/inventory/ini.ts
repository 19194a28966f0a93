import { EXIT, UserError } from "../../user-error";
import { groupNamed, type Groups, type Variables } from "./groups";
import { expandRanges } from "./ranges";

type Kind = "hosts" | "children" | "vars";

/**
 * Ansible's INI format: `[group]` with a host and its variables on a line, `[group:children]`, and
 * `[group:vars]`. Hosts before the first section belong to no group.
 */
export function parseIni(file: string, text: string): Groups {
  const groups: Groups = new Map();
  let section: { name: string; kind: Kind } = { name: "ungrouped", kind: "hosts" };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    if (/^\s*([#;]|$)/.test(raw)) continue;
    // In [GROUP:vars] the value is everything up to the end of the line.
    const line = section.kind === "vars" && !raw.startsWith("[") ? raw.trim() : withoutComment(raw);
    const fail: Fail = (what) => {
      throw new UserError(`${file}:${index + 1}: ${what}: ${raw.trim()}`, EXIT.fail);
    };
    if (line.startsWith("[") && line.endsWith("]")) {
      section = parseSection(line) ?? fail("[GROUP], [GROUP:children] or [GROUP:vars] is accepted");
      groupNamed(groups, section.name);
    } else if (section.kind === "hosts") {
      addHosts(groups, section.name, splitWords(line), fail);
    } else if (section.kind === "children") {
      groupNamed(groups, section.name).children.push(line);
    } else {
      const [, key = fail("KEY=VALUE is accepted"), value = ""] =
        /^([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? [];
      const group = groupNamed(groups, section.name);
      group.variables = { ...group.variables, [key]: unquote(value) };
    }
  }
  return groups;
}

function parseSection(line: string): { name: string; kind: Kind } | undefined {
  const [, name, kind = "hosts"] = /^\[([^:\][\s]+)(?::(children|vars))?\]$/.exec(line) ?? [];
  if (name === undefined) return undefined;
  return { name, kind: kind === "children" || kind === "vars" ? kind : "hosts" };
}

type Fail = (what: string) => never;

function addHosts(groups: Groups, group: string, words: readonly string[], fail: Fail): void {
  const [pattern = "", ...pairs] = words;
  const [, hosts = pattern, port] =
    /^(.*[^:]):(\d+)$/.exec(withoutRanges(pattern) ? pattern : "") ?? [];
  const variables: Variables = {
    ...(port === undefined ? {} : { ansible_port: port }),
    ...Object.fromEntries(
      pairs.map((pair) => {
        const [, key = fail("HOST KEY=VALUE… is accepted"), value = ""] =
          /^([^=]+)=(.*)$/s.exec(pair) ?? [];
        return [key, unquote(value)];
      }),
    ),
  };
  const known = groupNamed(groups, group).hosts;
  for (const host of expandRanges(hosts)) known.set(host, { ...known.get(host), ...variables });
}

/** Whether a colon in it can only stand before a port. */
function withoutRanges(pattern: string): boolean {
  return !pattern.replace(/\[[^\]]*\]/g, "").includes("[");
}

/** Words of a host line: what stands in quotation marks keeps its spaces. */
function splitWords(line: string): string[] {
  return line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
}

/** From the first # on that is not quoted. */
function withoutComment(line: string): string {
  const [kept = ""] = /^(?:[^"'#]|"[^"]*"|'[^']*'|["'])*/.exec(line) ?? [];
  return kept.trim();
}

function unquote(value: string): string {
  const text = value.trim();
  const [, , inner = text] = /^(["'])(.*)\1$/.exec(text) ?? [];
  return inner;
}
