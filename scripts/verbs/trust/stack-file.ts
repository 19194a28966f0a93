import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { closest } from "fastest-levenshtein";
import { isMap, isScalar, parseDocument } from "yaml";
import { z } from "zod";
import { parseYamlFile } from "../../kit/stack-file/yaml-file";
import { UserError } from "../../kit/user-error";

/** A machine, as far as its host key goes. */
export interface PinnedMachine {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly pinned: string | undefined;
}

const KEY = "vmstation:machines";

const machineSchema = z.object({
  address: z.string(),
  sshPort: z.number().prefault(22),
  hostKey: z.string().optional(),
});

const fileSchema = z.object({ config: z.object({ [KEY]: z.record(z.string(), machineSchema) }) });

/** A stack's file, changed in place: comments and order stay as their author left them. */
export class StackFile {
  private constructor(
    readonly path: string,
    private text: string,
    private readonly content: z.infer<typeof fileSchema>,
  ) {}

  static read(path: string): StackFile {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch {
      throw new UserError(`There is no ${path}.`);
    }
    const content = fileSchema.safeParse(parseYamlFile(path, text));
    if (!content.success) {
      throw new UserError(`${path} must have machines under ${KEY}, each with an address.`);
    }
    return new StackFile(path, text, content.data);
  }

  /** The machines of these names; all where there are none. */
  machines(names: readonly string[]): PinnedMachine[] {
    const all = Object.entries(this.content.config[KEY]).map(([name, machine]) => ({
      name,
      address: machine.address,
      port: machine.sshPort,
      pinned: machine.hostKey,
    }));
    const known = all.map((machine) => machine.name);
    for (const name of names) {
      if (!known.includes(name)) {
        throw new UserError(
          `${this.path} has no machine ${name}. Did you mean ${closest(name, known)}?`,
        );
      }
    }
    return names.length === 0 ? all : all.filter((machine) => names.includes(machine.name));
  }

  /** Changes the one line, or puts it first among the machine's keys; the rest of the text stays as it is. */
  pin(machine: string, key: string): void {
    const document = parseDocument(this.text);
    const known = document.getIn(["config", KEY, machine, "hostKey"], true);
    if (isScalar(known) && known.range) {
      this.splice(known.range[0], known.range[1], key);
      return;
    }
    const map = document.getIn(["config", KEY, machine], true);
    const first = isMap(map) && !map.flow ? map.items[0]?.key : undefined;
    if (!isScalar(first) || !first.range) {
      throw new UserError(
        `${this.path}: write the machine ${machine} as a block, one key on a line.`,
      );
    }
    const [start] = first.range;
    const indent = start - (this.text.lastIndexOf("\n", start) + 1);
    this.splice(start, start, `hostKey: ${key}\n${" ".repeat(indent)}`);
  }

  private splice(start: number, end: number, text: string): void {
    this.text = this.text.slice(0, start) + text + this.text.slice(end);
  }

  /** Whole or not at all. */
  write(): void {
    const temporary = `${this.path}.new`;
    writeFileSync(temporary, this.text);
    renameSync(temporary, this.path);
  }
}
