import * as pulumi from "@pulumi/pulumi";
import type { MockCallArgs, MockResourceArgs, MockResourceResult } from "@pulumi/pulumi/runtime";
import { z } from "zod";

/** One resource as the program registered it under Pulumi's own mocks. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  /** Inputs with secrets unwrapped; `secretInputs` tells which were secret. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Top-level inputs that were secrets. */
  readonly secretInputs: readonly string[];
  /** Name of the parent; "" where it is the stack. */
  readonly parent: string;
  /** Names of the resources it waits for, sorted. */
  readonly dependencies: readonly string[];
  /** Name of the explicit provider; "" where there is none. */
  readonly provider: string;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  /** What it is made again for when it changes; undefined where nothing is named. */
  readonly replacementTrigger: unknown;
  /** Names that it had before. */
  readonly aliases: readonly string[];
  /** Names of the hooks bound to it, sorted. */
  readonly hooks: readonly string[];
}

/** The parts of Pulumi's registration request that its mocks keep to themselves. */
const request = z.object({
  getParent: z.function({ output: z.string() }),
  getDependenciesList: z.function({ output: z.array(z.string()) }),
  getProtect: z.function({ output: z.boolean() }),
  getRetainondelete: z.function({ output: z.boolean().optional() }),
  getIgnorechangesList: z.function({ output: z.array(z.string()) }),
  getReplacementTrigger: z.function({ output: z.unknown() }),
  getAliasesList: z.function({ output: z.array(z.unknown()) }),
  getHooks: z.function({ output: z.unknown() }),
});

const inputsSchema = z.record(z.string(), z.unknown());
const aliasSchema = z.object({ spec: z.object({ name: z.string() }) });
const hookLists = z.record(z.string(), z.array(z.string())).catch({});
const secret = z.object({
  "4dabf18193072939515e22adb298388d": z.literal("1b47061264138c4ac30d75fd1eb44270"),
  value: z.unknown(),
});

function nameOf(urn: string): string {
  return urn.includes("pulumi:pulumi:Stack") ? "" : (urn.split("::").at(-1) ?? "");
}

function record(args: MockResourceArgs, raw: unknown): Recorded {
  const req = request.parse(Object.fromEntries(methodsOf(raw)));
  const inputs = Object.entries(inputsSchema.parse(args.inputs));
  const hooks: unknown = req.getHooks();
  const lists = hookLists.parse(toObject(hooks));
  return {
    type: args.type,
    name: args.name,
    custom: args.custom ?? true,
    inputs: Object.fromEntries(inputs.map(([k, v]) => [k, secret.safeParse(v).data?.value ?? v])),
    secretInputs: inputs.filter(([, v]) => secret.safeParse(v).success).map(([key]) => key),
    parent: nameOf(req.getParent()),
    dependencies: [...new Set(req.getDependenciesList().map(nameOf))].sort(),
    provider: args.provider?.split("::").at(-2) ?? "",
    protect: req.getProtect(),
    retainOnDelete: req.getRetainondelete() ?? false,
    ignoreChanges: req.getIgnorechangesList(),
    replacementTrigger: toText(req.getReplacementTrigger()),
    aliases: req.getAliasesList().map((alias) => aliasSchema.parse(toObject(alias)).spec.name),
    hooks: [...new Set(Object.values(lists).flat())].sort(),
  };
}

/** The text in a value of Pulumi's protocol. */
function toText(value: unknown): unknown {
  const get: unknown =
    typeof value === "object" && value ? Reflect.get(value, "getStringValue") : undefined;
  return typeof get === "function" ? get.call(value) : undefined;
}

function methodsOf(raw: unknown): [string, unknown][] {
  return Object.keys(request.shape).map((name) => {
    const method: unknown = typeof raw === "object" && raw ? Reflect.get(raw, name) : undefined;
    const bound =
      typeof method === "function" ? (): unknown => Reflect.apply(method, raw, []) : undefined;
    return [name, bound];
  });
}

function toObject(message: unknown): unknown {
  const convert: unknown =
    typeof message === "object" && message ? Reflect.get(message, "toObject") : undefined;
  return typeof convert === "function" ? convert.call(message) : {};
}

/** Lets the mocks' monitor remember each request, and accept hooks, which it has no method for. */
function listen(remember: (raw: unknown) => void): void {
  const monitor = pulumi.runtime.getMonitor();
  if (monitor === undefined) throw new Error("Pulumi's mocks are not set");
  const register = monitor.registerResource.bind(monitor);
  Reflect.set(monitor, "registerResource", (raw: unknown, ...rest: unknown[]) => {
    remember(raw);
    return Reflect.apply(register, undefined, [raw, ...rest]) as unknown;
  });
  Reflect.set(
    monitor,
    "registerResourceHook",
    (_: unknown, callback: (e: null, r: object) => void) => {
      callback(null, {});
    },
  );
}

/**
 * Runs `build` under Pulumi's mocks, as a preview by default, and returns what it registered, in order.
 * `outputs` adds to what a resource yields beside its inputs (a command's stdout, say); what it does not name is
 * unknown in a preview, and undefined otherwise.
 */
export async function recordGraph(
  build: () => unknown,
  outputs: (type: string, name: string) => Readonly<Record<string, unknown>> = () => ({}),
  isPreview = true,
): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  let current: unknown;
  await pulumi.runtime.setMocks(
    {
      newResource(args: MockResourceArgs): MockResourceResult {
        recorded.push(record(args, current));
        return {
          id: `${args.name}-id`,
          state: { ...inputsSchema.parse(args.inputs), ...outputs(args.type, args.name) },
        };
      },
      call(args: MockCallArgs): never {
        throw new Error(`the program calls ${args.token} while it is planned`);
      },
    },
    "vmstation",
    "test",
    isPreview,
  );
  listen((raw) => {
    current = raw;
  });
  const rejection = new FirstRejection();
  try {
    await Promise.race([rejection.promise, settle(build)]);
  } finally {
    rejection.ignore();
  }
  return recorded;
}

async function settle(build: () => unknown): Promise<void> {
  build();
  await pulumi.runtime.disconnect();
}

/** A resource whose inputs cannot be made never registers, and waiting for it would never end. */
class FirstRejection {
  private fail: (reason: unknown) => void = () => undefined;

  readonly promise = new Promise<never>((_, reject) => {
    this.fail = reject;
  });

  private readonly listener = (reason: unknown): void => {
    this.fail(reason);
  };

  constructor() {
    process.prependListener("unhandledRejection", this.listener);
  }

  ignore(): void {
    process.removeListener("unhandledRejection", this.listener);
  }
}

/** The one resource of that name; throws where there is none or several. */
export function named(recorded: readonly Recorded[], name: string): Recorded {
  const found = recorded.filter((resource) => resource.name === name);
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw new Error(`${found.length} named ${name} among ${recorded.map((r) => r.name).join(" ")}`);
  }
  return only;
}
