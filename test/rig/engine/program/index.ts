/** A program of remote commands that its configuration lists, for the tests of the runner. */
import { appendFileSync } from "node:fs";
import { remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

interface CommandSpec {
  name: string;
  create?: string;
  update?: string;
  delete?: string;
  stdin?: string;
  /** How often stdin is repeated: the configuration itself is limited to 128 KiB. */
  times?: number;
  triggers?: string[];
  dependsOn?: string[];
  secretOutput?: boolean;
  deleteBeforeReplace?: boolean;
  ignoreChanges?: string[];
  environment?: Record<string, string>;
  connection?: Partial<types.input.remote.ConnectionArgs>;
}

const config = new pulumi.Config();
const connection = config.requireObject<types.input.remote.ConnectionArgs>("connection");
const specs = config.requireObject<CommandSpec[]>("commands");
const diary = config.require("diary");
const token = config.getSecret("token");

const hook = new pulumi.ResourceHook("diary", (args) => {
  const phase = args.newInputs === undefined ? "delete" : args.oldInputs ? "update" : "create";
  appendFileSync(diary, `${phase} ${args.name}\n`);
  if (args.name === "refused") throw new Error("the hook refuses");
});

const commands = new Map<string, remote.Command>();
for (const spec of specs) {
  const {
    name,
    dependsOn = [],
    secretOutput,
    deleteBeforeReplace,
    ignoreChanges,
    times,
    ...args
  } = spec;
  const stdin = args.stdin?.repeat(times ?? 1) ?? token;
  const command = new remote.Command(
    name,
    {
      ...args,
      connection: { ...connection, ...spec.connection },
      ...(stdin === undefined ? {} : { stdin }),
    },
    {
      dependsOn: dependsOn.flatMap((other) => commands.get(other) ?? []),
      hooks: { beforeCreate: [hook], beforeUpdate: [hook], beforeDelete: [hook] },
      ...(secretOutput === true ? { additionalSecretOutputs: ["stdout"] } : {}),
      ...(deleteBeforeReplace === undefined ? {} : { deleteBeforeReplace }),
      ...(ignoreChanges === undefined ? {} : { ignoreChanges }),
    },
  );
  commands.set(name, command);
}

export const stdouts = Object.fromEntries(
  [...commands].map(([name, command]) => [name, command.stdout]),
);
