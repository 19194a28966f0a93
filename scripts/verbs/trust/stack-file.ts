import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { StackText } from "../../kit/stack-file/stack-text";
import { parseYamlFile } from "../../kit/stack-file/yaml-file";
import { UserError } from "../../kit/user-error";

/** A machine, as far as its host key goes. */
export interface PinnedMachine {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly pinned: string | undefined;
  /** Where it is virtual: the secret for the private half of a key that it is made with. */
  readonly hostKeySecret?: string | undefined;
}

const KEY = "vmstation:machines";

const machineSchema = z.object({
  address: z.string(),
  sshPort: z.number().prefault(22),
  hostKey: z.string().optional(),
  vm: z.object({ hostKeySecret: z.string().optional() }).optional(),
});

const fileSchema = z.object({
  config: z.looseObject({ [KEY]: z.record(z.string(), machineSchema) }),
});

/** A stack's file, changed in place: comments and order stay as their author left them. */
export class StackFile {
  private constructor(
    readonly path: string,
    private readonly text: StackText,
    private readonly content: z.infer<typeof fileSchema>,
  ) {}

  static read(path: string): StackFile {
    const text = StackText.read(path);
    const content = fileSchema.safeParse(parseYamlFile(path, text.content));
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
      hostKeySecret: machine.vm?.hostKeySecret,
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

  has(key: string): boolean {
    return Object.hasOwn(this.content.config, key);
  }

  pin(machine: string, key: string): void {
    this.text.set([KEY, machine, "hostKey"], key);
  }

  write(): void {
    this.text.write();
  }
}
