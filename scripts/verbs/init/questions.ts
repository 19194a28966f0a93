import type { z } from "zod";
import { machineSchema } from "../../../components/node/config";
import { dnsLabel } from "../../../components/shared/scalars";
import { Prompt, type PromptStreams } from "../../kit/terminal/prompt";
import { UserError } from "../../kit/user-error";
import { type AskedMachine, machineName } from "./asked";

export interface QuestionsArgs extends PromptStreams {
  /** Offered for the first machine, if anything is; then what was answered last. */
  readonly user: string | undefined;
  /** An IPv4 address for a name; undefined where there is none. */
  readonly resolve: (host: string) => Promise<string | undefined>;
}

type Ask = (question: string, suggestion?: string) => Promise<string>;

const ROLES: Readonly<Record<string, AskedMachine["roles"]>> = {
  "control-plane": ["control-plane", "etcd"],
  worker: ["worker"],
  both: ["control-plane", "etcd", "worker"],
};

/** Asks a person for the machines, one after the other, until an empty name. */
export async function askForMachines(args: QuestionsArgs): Promise<AskedMachine[]> {
  const prompt = new Prompt(args);
  const ask: Ask = async (question, suggestion) => {
    const hint = suggestion === undefined ? "" : ` [${suggestion}]`;
    const answer = await prompt.ask(`${question}${hint}: `);
    if (answer === undefined) {
      throw new UserError(
        "The input ended before all questions were answered. Nothing was written.",
      );
    }
    return answer === "" ? (suggestion ?? "") : answer;
  };
  try {
    const machines: AskedMachine[] = [];
    for (;;) {
      const known = machines.map(({ name }) => name);
      const machine = await askForMachine(ask, args, known, machines.at(-1)?.user ?? args.user);
      if (machine === undefined) return machines;
      machines.push(machine);
    }
  } finally {
    prompt.close();
  }
}

async function askForMachine(
  ask: Ask,
  { output, resolve }: QuestionsArgs,
  known: readonly string[],
  user: string | undefined,
): Promise<AskedMachine | undefined> {
  const again = (what: string): null => {
    output.write(`  ${what}\n`);
    return null;
  };
  const hint =
    known.length === 0 ? "Name of the first machine" : "Name of the next machine (empty: done)";
  const name = await repeat(async () => {
    const answer = await ask(hint);
    if (answer === "" && known.length > 0) return "";
    if (known.includes(answer)) return again("this machine is in the list already");
    return accept(dnsLabel, answer, again);
  });
  if (name === "") return undefined;
  const address = await repeat(async () => {
    const answer = await ask("  IPv4 address or DNS name", name);
    return (await resolve(answer)) ?? again(`${answer} has no IPv4 address`);
  });
  const sshUser = await repeat(async () =>
    accept(machineSchema.shape.sshUser, await ask("  User with password-less sudo", user), again),
  );
  const roles = await repeat(async () => {
    const answer = await ask(
      "  Role: control-plane, worker or both",
      known.length === 0 ? "control-plane" : "worker",
    );
    return ROLES[answer] ?? again("control-plane, worker or both");
  });
  const sleeps =
    !roles.includes("control-plane") &&
    /^y(es)?$/i.test(await ask("  Does it sleep when it is idle? y/n", "n"));
  return {
    name: machineName(name),
    address,
    port: 22,
    user: sshUser,
    roles,
    sleeps,
    label: undefined,
  };
}

/** Asks until there is an answer that will do. */
async function repeat<T>(once: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const answer = await once();
    if (answer !== null) return answer;
  }
}

function accept(
  schema: z.ZodType<string>,
  answer: string,
  again: (what: string) => null,
): string | null {
  const parsed = schema.safeParse(answer);
  return parsed.success ? parsed.data : again(parsed.error.issues[0]?.message ?? "");
}
