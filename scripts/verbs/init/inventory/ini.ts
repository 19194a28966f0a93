import { EXIT, UserError } from "../../../kit/user-error";
import { parseHostPattern } from "./address";
import type { InventoryData } from "./data";
import { parseLiteral } from "./literal";
import { splitLines, splitOnce, SPACES, strip } from "./python";
import { splitWords } from "./shlex";

type Kind = "hosts" | "children" | "vars";

const TAIL = `[${SPACES}]*(?:#.*)?$`;
const SECTION = new RegExp(`^\\[([^:\\]${SPACES}]+)(?::([\\p{L}\\p{N}_]+))?\\]${TAIL}`, "u");
const CHILD = new RegExp(`^([^:\\]${SPACES}]+)${TAIL}`, "u");

/** What was named before the section that declares it. */
interface Pending {
  readonly kind: "vars" | "children";
  readonly parents: string[];
  readonly line: number;
}

/** Reads Ansible's INI format: see {@link IniReader}. */
export function readIni(file: string, text: string, data: InventoryData): void {
  const reader = new IniReader(file, data);
  for (const line of splitLines(text)) reader.read(strip(line));
  reader.finish();
}

/**
 * `[group]` with a host and its variables on a line, `[group:children]`, and `[group:vars]`. Hosts before the
 * first section belong to no group. Each line is read exactly as Ansible reads it.
 */
class IniReader {
  private readonly pending = new Map<string, Pending>();
  private group = "ungrouped";
  private kind: Kind = "hosts";
  private line = 0;

  constructor(
    private readonly file: string,
    private readonly data: InventoryData,
  ) {}

  read(line: string): void {
    this.line++;
    if (line === "" || /^[#;]/.test(line)) return;
    try {
      this.readLine(line);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(`${this.file}:${this.line}: ${error.message}: ${line}`, EXIT.fail);
    }
  }

  /** What was never declared is a mistake. */
  finish(): void {
    for (const [name, { kind, parents, line }] of this.pending) {
      const what =
        kind === "vars"
          ? `[${name}:vars] needs a section [${name}] or [${name}:children]`
          : `${parents.join(", ")} has the child ${name}, which is not a group: a section [${name}] is missing`;
      throw new UserError(`${this.file}:${line}: ${what}`, EXIT.fail);
    }
  }

  private readLine(line: string): void {
    const [section, name, kind = "hosts"] = SECTION.exec(line) ?? [];
    if (section !== undefined && name !== undefined) {
      this.begin(name, kind);
    } else if (line.startsWith("[") && line.endsWith("]")) {
      throw new UserError("expected [GROUP], [GROUP:children] or [GROUP:vars]");
    } else if (this.kind === "hosts") {
      this.addHosts(line);
    } else if (this.kind === "children") {
      this.addChild(line);
    } else {
      const [key, value] = splitOnce(line, "=") ?? refuse("expected KEY=VALUE");
      this.data.setVariable(this.group, strip(key), parseLiteral(strip(value)));
    }
  }

  private begin(name: string, kind: string): void {
    if (kind !== "hosts" && kind !== "children" && kind !== "vars") {
      throw new UserError("expected [GROUP], [GROUP:children] or [GROUP:vars]");
    }
    this.group = name;
    this.kind = kind;
    if (!this.data.groups.has(name)) {
      if (kind === "vars" && !this.pending.has(name)) {
        this.pending.set(name, { kind: "vars", parents: [], line: this.line });
      }
      this.data.addGroup(name);
    }
    if (kind !== "vars") this.declare(name);
  }

  private declare(name: string): void {
    const parents = this.pending.get(name)?.parents ?? [];
    this.pending.delete(name);
    for (const parent of parents) {
      this.data.addChild(parent, name);
      if (this.pending.get(parent)?.kind === "children") this.declare(parent);
    }
  }

  private addChild(line: string): void {
    const child = CHILD.exec(line)?.[1] ?? refuse("the name of a group is accepted");
    if (this.data.groups.has(child)) {
      this.data.addChild(this.group, child);
      return;
    }
    const known = this.pending.get(child);
    if (known !== undefined) known.parents.push(this.group);
    else this.pending.set(child, { kind: "children", parents: [this.group], line: this.line });
  }

  private addHosts(line: string): void {
    const words =
      splitWords(line) ?? refuse("a quotation mark is not closed, or nothing follows a backslash");
    const [pattern = "", ...pairs] = words;
    const { hosts, port } = parseHostPattern(pattern);
    if (strip(pattern).endsWith(":") && port === undefined) {
      throw new UserError("a host must not end with a colon, as a port comes after it");
    }
    const variables = pairs.map((pair) => {
      const [key, value] = splitOnce(pair, "=") ?? refuse("expected HOST KEY=VALUE…");
      return [key, parseLiteral(value)] as const;
    });
    for (const host of hosts) {
      this.data.addHost(host, this.group, port);
      for (const [key, value] of variables) this.data.setVariable(host, key, value);
    }
  }
}

function refuse(what: string): never {
  throw new UserError(what);
}
