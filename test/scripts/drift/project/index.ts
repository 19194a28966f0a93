import { execFileSync } from "node:child_process";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { RemoteStep } from "../../../../components/remote/remote-step";
import type { Step } from "../../../../components/remote/step";

interface Machine {
  readonly address: string;
  readonly hostKey?: string;
}

const config = new pulumi.Config();
const machines = config.requireObject<Record<string, Machine>>("machines");
const settings = { dialTimeout: 3, dialAttempts: 1, lockTimeout: 5 };
const id = (option: string): string => execFileSync("id", [option], { encoding: "utf8" }).trim();

function file(name: string, content: string): Step {
  return {
    name,
    script: "step() { ensure_files; }",
    libraries: ["files"],
    files: [{ path: `/machine/${name}`, content, owner: `${id("-un")}:${id("-gn")}` }],
  };
}

for (const [name, { address, hostKey }] of Object.entries(machines)) {
  const machine = {
    ...{ name, address, hostKey, sshPort: 22, sshUser: "ops" },
    ...{ sleeps: false, offline: false },
  };
  const step = (part: string, content: pulumi.Input<Step>, more: pulumi.Resource[]): RemoteStep =>
    new RemoteStep(
      `${name}-${part}`,
      { machine, access: { settings }, step: content },
      { dependsOn: more },
    );
  const one = step("one", file("one", "ours\n"), []);
  step("looks-not", { ...file("looks-not", "x\n"), checks: false }, [one]);
  step(
    "unknown",
    one.stdout.apply((text) => file("unknown", text)),
    [one],
  );
  step(
    "encrypted",
    config.requireSecret("password").apply((text) => file("encrypted", text)),
    [],
  );
  new remote.Command(`${name}-foreign`, {
    connection: { host: address, user: "ops" },
    create: "touch /machine/foreign",
    stdin: "x",
  });
}
