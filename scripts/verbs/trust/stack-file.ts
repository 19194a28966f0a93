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

/** A host of the hypervisor, as far as its certificate goes. */
export interface PinnedHost {
  readonly name: string;
  readonly address: string;
  readonly certificate: string | undefined;
}

const KEY = "vmstation:machines";
const HYPERVISOR = "vmstation:hypervisor";

const machineSchema = z.object({
  address: z.string(),
  sshPort: z.number().prefault(22),
  hostKey: z.string().optional(),
  vm: z.object({ hostKeySecret: z.string().optional() }).optional(),
});

const hypervisorSchema = z.object({
  endpoint: z.url({ protocol: /^https$/ }),
  certificateAuthority: z.string().trim().optional(),
  hosts: z.record(
    z.string(),
    z.object({ address: z.string(), certificate: z.string().trim().optional() }),
  ),
});

const fileSchema = z.object({
  config: z.looseObject({
    [KEY]: z.record(z.string(), machineSchema),
    [HYPERVISOR]: z.unknown().optional(),
  }),
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
    return this.choose("machine", all, names);
  }

  /** What the file says of the hypervisor; an error where it has none. */
  get hypervisor(): z.infer<typeof hypervisorSchema> {
    const { data } = hypervisorSchema.safeParse(this.content.config[HYPERVISOR]);
    if (data !== undefined) return data;
    throw new UserError(
      `${this.path} must have ${HYPERVISOR} with an endpoint, and with hosts that have an address.`,
    );
  }

  /** The hypervisor's hosts of these names; all where there are none. */
  hosts(names: readonly string[]): PinnedHost[] {
    const all = Object.entries(this.hypervisor.hosts).map(([name, { address, certificate }]) => ({
      ...{ name, address, certificate },
    }));
    return this.choose("host", all, names);
  }

  private choose<T extends { readonly name: string }>(
    kind: string,
    all: readonly T[],
    names: readonly string[],
  ): T[] {
    const known = all.map(({ name }) => name);
    for (const name of names) {
      if (!known.includes(name)) {
        throw new UserError(
          `${this.path} has no ${kind} ${name}. Did you mean ${closest(name, known)}?`,
        );
      }
    }
    return all.filter(({ name }) => names.length === 0 || names.includes(name));
  }

  has(key: string): boolean {
    return Object.hasOwn(this.content.config, key);
  }

  pin(machine: string, key: string): void {
    this.text.set([KEY, machine, "hostKey"], key);
  }

  /** In quotes and on one line, as it can stand anywhere, also in a host that is written on one line. */
  pinCertificate(host: string, pem: string): void {
    this.text.set([HYPERVISOR, "hosts", host, "certificate"], JSON.stringify(pem));
  }

  write(): void {
    this.text.write();
  }
}
