import type { z } from "zod";
import { machineSchema } from "../../../components/node/config";
import { dnsLabel, port as portSchema } from "../../../components/shared/scalars";
import { type AskedMachine, machineName } from "./asked";
import type { FoundVm } from "./proxmox/found";
import { askWhich, chooseVms } from "./proxmox/choose";
import { listRoles, type RoleName, ROLES, suggestRoles } from "./suggest-roles";

/** An IPv4 address for what was typed, and what the operator's ssh settings say of it. */
export interface FoundHost {
  readonly address: string;
  readonly port: number;
  readonly user: string | undefined;
}

export interface QuestionsArgs {
  /** Offered for the first machine, if anything is; then what was answered last. */
  readonly user: string | undefined;
  /** Undefined where the host has no IPv4 address. */
  readonly resolve: (host: string) => Promise<FoundHost | undefined>;
  /** Virtual machines to choose from, where somebody has asked for them. */
  readonly vms?: readonly FoundVm[];
}

/** What was answered, in the order of the questions. */
export type Answers = readonly (readonly [key: string, value: string])[];

/** What to ask next. */
export interface Question {
  readonly key: string;
  readonly text: string;
  readonly suggestion: string | undefined;
  /** Why an answer will not do; undefined where it will. */
  readonly refuse: (answer: string) => Promise<string | undefined> | string | undefined;
}

const MOST = 64;
const FIELDS = ["name", "address", "port", "user", "role"] as const;

/** The next question; undefined once all is known. What is asked follows from the answers alone. */
export async function nextQuestion(
  answers: Answers,
  args: QuestionsArgs,
): Promise<Question | undefined> {
  const given = new Map(answers);
  const vms = args.vms ?? [];
  if (vms.length > 0 && !given.has("which")) return askWhich(vms);
  const chosen = chosenOf(given, args);
  if (!given.has("count")) return askCount(chosen.length);
  const count = Number(given.get("count"));
  if (count >= 3 && !given.has("survives")) return SURVIVES;
  for (let index = 0; index < count; index += 1) {
    for (const field of FIELDS) {
      if (given.has(`${index}.${field}`)) continue;
      return {
        key: `${index}.${field}`,
        ...(await askField({ field, index, count, given, args })),
      };
    }
  }
  return undefined;
}

/** The machines, once there is no question left. */
export async function machinesOf(answers: Answers, args: QuestionsArgs): Promise<AskedMachine[]> {
  const given = new Map(answers);
  const count = Number(given.get("count"));
  const machines: AskedMachine[] = [];
  for (let index = 0; index < count; index += 1) {
    const of = (field: string): string => given.get(`${index}.${field}`) ?? "";
    const vm = chosenOf(given, args)[index];
    machines.push({
      name: machineName(of("name")),
      address: (await args.resolve(of("address")))?.address ?? of("address"),
      port: Number(of("port")),
      user: of("user"),
      roles: listRoles(of("role")),
      ...{ sleeps: false, label: undefined },
      ...(vm === undefined ? {} : { vm: { id: vm.id, host: vm.host } }),
    });
  }
  return machines;
}

/** The chosen virtual machines come first, in the order of the answer. */
function chosenOf(given: ReadonlyMap<string, string>, { vms = [] }: QuestionsArgs): FoundVm[] {
  return chooseVms(given.get("which") ?? "", vms) ?? [];
}

function askCount(chosen: number): Question {
  const least = Math.max(chosen, 1);
  const others = chosen === 0 ? "" : ", real ones among them";
  return {
    ...{ key: "count", text: `How many machines${others}`, suggestion: String(least) },
    refuse: (answer) =>
      /^[1-9]\d?$/.test(answer) && Number(answer) >= least && Number(answer) <= MOST
        ? undefined
        : `a number from ${least} to ${MOST}`,
  };
}

const SURVIVES: Question = {
  key: "survives",
  text: "Must the cluster survive the loss of a control plane? It then has three, which never sleep. y/n",
  suggestion: "n",
  refuse: (answer) => (/^(y|yes|n|no)$/i.test(answer) ? undefined : "y or n"),
};

interface Field {
  readonly field: (typeof FIELDS)[number];
  readonly index: number;
  readonly count: number;
  readonly given: ReadonlyMap<string, string>;
  readonly args: QuestionsArgs;
}

async function askField(asked: Field): Promise<Omit<Question, "key">> {
  const { field, index, count, given, args } = asked;
  const host = given.get(`${index}.address`);
  const found = host === undefined ? undefined : await args.resolve(host);
  const vm = chosenOf(given, args)[index];
  switch (field) {
    case "name":
      return askName(index, count, given, vm);
    case "address":
      return {
        text: "  IPv4 address, DNS name or Host of ~/.ssh/config",
        suggestion: vm?.address ?? given.get(`${index}.name`),
        refuse: async (answer) =>
          (await args.resolve(answer)) === undefined ? `${answer} has no IPv4 address` : undefined,
      };
    case "port":
      return {
        text: "  SSH port",
        suggestion: String(found?.port ?? 22),
        refuse: (answer) => refuseBy(portSchema, /^\d+$/.test(answer) ? Number(answer) : answer),
      };
    case "user":
      return {
        text: "  User with password-less sudo",
        suggestion: found?.user ?? vm?.user ?? given.get(`${index - 1}.user`) ?? args.user,
        refuse: (answer) => refuseBy(machineSchema.shape.sshUser, answer),
      };
    case "role":
      return askRole(index, count, given);
  }
}

function askName(
  index: number,
  count: number,
  given: ReadonlyMap<string, string>,
  vm: FoundVm | undefined,
): Omit<Question, "key"> {
  const known = Array.from({ length: index }, (_, i) => given.get(`${i}.name`));
  return {
    text: count === 1 ? "Name of the machine" : `Name of machine ${index + 1} of ${count}`,
    suggestion: vm && machineName(vm.name),
    refuse: (answer) =>
      known.includes(answer) ? "this machine is in the list already" : refuseBy(dnsLabel, answer),
  };
}

function askRole(
  index: number,
  count: number,
  given: ReadonlyMap<string, string>,
): Omit<Question, "key"> {
  const suggested = suggestRoles(count, /^y/i.test(given.get("survives") ?? ""))[index];
  const roles = Array.from({ length: index }, (_, i) => listRoles(given.get(`${i}.role`) ?? ""));
  const lacks = (role: "control-plane" | "worker"): boolean =>
    index === count - 1 && !roles.some((each) => each.includes(role));
  return {
    text: "  Role: control-plane, worker or both",
    suggestion: suggested,
    refuse: (answer) => {
      if (!isRole(answer)) return "control-plane, worker or both";
      const own = listRoles(answer);
      const missing = (["control-plane", "worker"] as const).find(
        (role) => lacks(role) && !own.includes(role),
      );
      return missing === undefined
        ? undefined
        : `no machine is a ${missing.replace("-", " ")} yet: take ${missing} or both, or < to go back`;
    },
  };
}

function isRole(answer: string): answer is RoleName {
  return Object.hasOwn(ROLES, answer);
}

function refuseBy(schema: z.ZodType, answer: unknown): string | undefined {
  return schema.safeParse(answer).error?.issues[0]?.message;
}
