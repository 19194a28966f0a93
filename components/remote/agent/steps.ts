import * as path from "node:path";
import { filesStep } from "../files-step";
import { readModules } from "../modules";
import { readScript, type Setting, type Step, type StepFile } from "../step";
import { renderAuthorizedKey, renderSudoers } from "./render";
import type { AgentRole } from "./role";

function script(file: string): string {
  return readScript(__dirname, `files/${file}`);
}

/** The modules that every controller has, in its own folder of programs. */
export function sharedModules(target: string): StepFile[] {
  return readModules(path.join(__dirname, "files/lib"), target);
}

/** A file with a secret, which only root reads. */
export function secretFile(file: string, content: string): StepFile {
  return { path: file, content: `${content.trimEnd()}\n`, mode: "0600", secret: true };
}

/** Secrets of the controller, as a step of their own. */
export function secretsStep(role: AgentRole, name: string, files: readonly StepFile[]): Step {
  return {
    name,
    script: script("secrets.sh"),
    libraries: ["files"],
    settings: { ROLE: role.name },
    files,
  };
}

/**
 * A machine that was the controller while it was dead: an update has given another machine its work, and could not take
 * it away here. `steps` had put it there; `files` are what the programs themselves have written for others to read.
 */
export function retireStep(
  role: AgentRole,
  steps: readonly string[],
  files: readonly string[],
): Step {
  return {
    name: `${role.name}-retired`,
    script: script("retire.sh"),
    libraries: ["files", "units", "agent"],
    settings: { STEPS: steps, WRITTEN: files },
  };
}

export interface AgentParts {
  /** The agent's program and its modules; a module comes before what imports it. */
  readonly programs: readonly StepFile[];
  /** Content of the agent's settings. */
  readonly settings: string;
  /** What the controller may ask of the agent, word for word. */
  readonly words: readonly string[];
  /** Shell text of the step where there is more to do than to install. */
  readonly script?: string;
  /** What it needs of the libraries beside those of every agent. */
  readonly libraries?: Step["libraries"];
  readonly variables?: Readonly<Record<string, Setting>>;
  readonly files?: readonly StepFile[];
}

/** What a machine with an agent gets: the account, the agent, and who may run it. */
export function agentStep(role: AgentRole, parts: AgentParts): Step {
  return {
    name: `${role.name}-agent`,
    script: parts.script ?? script("install.sh"),
    libraries: ["files", ...(parts.libraries ?? []), "agent"],
    settings: { AGENT_USER: role.account, AGENT_HOME: role.home, ...parts.variables },
    files: [
      ...parts.programs,
      { path: role.settings, content: parts.settings },
      { path: role.command, content: script("entry.sh"), mode: "0755", validate: "shell" },
      { path: role.gate, content: script("gate.sh"), mode: "0755", validate: "shell" },
      {
        path: role.sudoers,
        content: renderSudoers(role, parts.words),
        mode: "0440",
        validate: "sudoers",
      },
      ...(parts.files ?? []),
    ],
  };
}

/** Lets the controller's key in, from its address, to run the agent. `publicKey`: what the controller's step printed. */
export function trustStep(role: AgentRole, publicKey: string, controllerAddress: string): Step {
  const content = renderAuthorizedKey(role, publicKey, controllerAddress);
  return filesStep(`${role.name}-trust`, [{ path: role.authorizedKeys, content }]);
}
