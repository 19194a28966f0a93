import type { Client } from "ssh2";
import { z } from "zod";
import { revealMap } from "../../../scripts/engine/inspect";
import type { PropertyMap } from "../../../scripts/engine/values";
import { Connection, dial } from "./ssh-connection";

export const COMMAND_TYPE = "command:remote:Command";

/** The inputs of @pulumi/command's remote.Command. */
const CommandInputs = z.strictObject({
  connection: Connection,
  create: z.string().optional(),
  update: z.string().optional(),
  delete: z.string().optional(),
  stdin: z.string().optional(),
  triggers: z.array(z.unknown()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  addPreviousOutputInEnv: z.boolean().default(true),
  logging: z.enum(["stdout", "stderr", "stdoutAndStderr", "none"]).default("stdoutAndStderr"),
});

type CommandInputs = z.infer<typeof CommandInputs>;

/** What a command printed, without one trailing newline. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

const EMPTY: CommandOutput = { stdout: "", stderr: "" };

/** What Debian's sshd accepts by its AcceptEnv. */
const ACCEPTED_VARIABLES = /^(LANG|LC_.*)$/;

/** Runs remote commands with the semantics of @pulumi/command 1.2.1, over connections of its own. */
export class RemoteCommands {
  private readonly clients = new Set<Client>();

  constructor(
    private readonly signal: AbortSignal,
    private readonly onLog: (line: string) => void,
  ) {
    signal.addEventListener("abort", () => {
      this.close();
    });
  }

  create(inputs: PropertyMap): Promise<CommandOutput> {
    const command = parse(inputs);
    return this.run(command, command.create, EMPTY, EMPTY);
  }

  /** Runs `update`, or `create` where there is none; without either the output stays as it was. */
  update(inputs: PropertyMap, before: CommandOutput): Promise<CommandOutput> {
    const command = parse(inputs);
    return this.run(command, command.update ?? command.create, before, before);
  }

  async delete(inputs: PropertyMap, before: CommandOutput): Promise<void> {
    const command = parse(inputs);
    await this.run(command, command.delete, before, before);
  }

  /** The provider leaves connections open until it ends itself, at the end of the update. */
  close(): void {
    for (const client of this.clients) client.destroy();
    this.clients.clear();
  }

  private async run(
    inputs: CommandInputs,
    text: string | undefined,
    before: CommandOutput,
    otherwise: CommandOutput,
  ): Promise<CommandOutput> {
    if (text === undefined) return otherwise;
    for (const name of Object.keys(inputs.environment ?? {})) {
      if (!ACCEPTED_VARIABLES.test(name))
        throw new Error(`could not set environment variable ${JSON.stringify(name)}`);
    }
    const client = await dial(inputs.connection, this.signal);
    this.clients.add(client);
    const output = new Output(inputs.logging, this.onLog);
    const failure = await execute(client, text, inputs, before, output);
    if (failure !== undefined)
      throw new Error(`${failure}: running ${JSON.stringify(text)}:\n${output.all}`);
    return { stdout: withoutNewline(output.stdout), stderr: withoutNewline(output.stderr) };
  }
}

/** Runs one command on a connection; resolves to how it failed, or undefined. */
function execute(
  client: Client,
  text: string,
  { stdin = "", environment, addPreviousOutputInEnv }: CommandInputs,
  before: CommandOutput,
  output: Output,
): Promise<string | undefined> {
  // Sent in vain to most servers, which then leave them out; the provider only warns as well.
  const previous = addPreviousOutputInEnv
    ? { PULUMI_COMMAND_STDOUT: before.stdout, PULUMI_COMMAND_STDERR: before.stderr }
    : {};
  return new Promise((resolve, reject) => {
    let ending = "wait: remote command exited without exit status or exit signal";
    client.exec(text, { env: { ...environment, ...previous } }, (error, channel) => {
      if (error !== undefined) {
        reject(error);
        return;
      }
      channel.on("data", (chunk: Buffer) => {
        output.add("stdout", chunk);
      });
      channel.stderr.on("data", (chunk: Buffer) => {
        output.add("stderr", chunk);
      });
      channel.on("exit", (code: number | null, signal?: string) => {
        ending = exitText(code, signal);
      });
      channel.on("close", () => {
        resolve(ending === "" ? undefined : ending);
      });
      // A command may end without reading all of its input.
      channel.on("error", () => undefined);
      channel.end(stdin);
    });
  });
}

function exitText(code: number | null, signal = ""): string {
  if (code !== null) return code === 0 ? "" : `Process exited with status ${String(code)}`;
  return `Process exited from signal ${signal.replace(/^SIG/, "")}`;
}

/** Collects both streams, by themselves and as they came, and logs what the inputs want logged. */
class Output {
  private readonly chunks: { stream: "stdout" | "stderr"; chunk: Buffer }[] = [];
  private readonly logged: readonly string[];

  constructor(
    logging: CommandInputs["logging"],
    private readonly onLog: (line: string) => void,
  ) {
    this.logged = logging === "stdoutAndStderr" ? ["stdout", "stderr"] : [logging];
  }

  add(stream: "stdout" | "stderr", chunk: Buffer): void {
    this.chunks.push({ stream, chunk });
    if (this.logged.includes(stream)) this.onLog(chunk.toString("utf8"));
  }

  get stdout(): string {
    return this.text((item) => item.stream === "stdout");
  }

  get stderr(): string {
    return this.text((item) => item.stream === "stderr");
  }

  get all(): string {
    return this.text(() => true);
  }

  private text(wanted: (item: { stream: string }) => boolean): string {
    return Buffer.concat(this.chunks.filter(wanted).map(({ chunk }) => chunk)).toString("utf8");
  }
}

function parse(inputs: PropertyMap): CommandInputs {
  return CommandInputs.parse(revealMap(inputs));
}

function withoutNewline(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
