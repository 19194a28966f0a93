import { renderHeader } from "../../../components/remote/header";
import type { Deployment, StateResource } from "../../../scripts/kit/state/deployment";
import { findOnMachine } from "../../../scripts/kit/state/drop-machine";
import { containsUnknown, printable } from "../../../scripts/engine/inspect";
import type { Plan } from "../../../scripts/engine/plan";
import { parseUrn, renderUrn } from "../../../scripts/engine/urn";

/** What Pulumi's state has in place of a secret. */
export const CIPHERTEXT = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "v1:Zm9v:YmFy",
};

const COMMAND = "command:remote:Command";

function resource(type: string, name: string, more: Partial<StateResource> = {}): StateResource {
  const urn = renderUrn({ stack: "lab", project: "vmstation", parent: more.parent, type, name });
  return { urn, type, ...more };
}

export function nodeOf(machine: string): StateResource {
  return resource("vmstation:node:Node", `node-${machine}`);
}

/** A command whose text says where it is. */
export function commandOn(
  machine: string,
  name: string,
  more: Partial<StateResource> = {},
): StateResource {
  const stdin = `${renderHeader({ step: "a", machine })}\nx\n`;
  return resource(COMMAND, name, { inputs: { connection: CIPHERTEXT, stdin }, ...more });
}

/** A command whose text is encrypted: only its name tells where it is. */
export function secretCommand(name: string, more: Partial<StateResource> = {}): StateResource {
  return resource(COMMAND, name, {
    inputs: { connection: CIPHERTEXT, stdin: CIPHERTEXT },
    ...more,
  });
}

export function other(name: string, more: Partial<StateResource> = {}): StateResource {
  return resource("kubernetes:core/v1:Namespace", name, { inputs: { metadata: {} }, ...more });
}

export function deployment(...resources: StateResource[]): Deployment {
  return { manifest: { version: "v3" }, resources };
}

/** The state that a plan would come to; what is unknown in it was made from secrets. */
export function stateOf({ resources }: Plan): Deployment {
  return deployment(
    ...resources.map(({ urn, type, parent, inputs }) => {
      const { stdin = null } = inputs;
      const shown = containsUnknown(stdin) ? CIPHERTEXT : printable(stdin);
      return { urn, type, ...(parent === undefined ? {} : { parent }), inputs: { stdin: shown } };
    }),
  );
}

/** The names of what of the state is on a machine, in order. */
export function found(state: Deployment, machine: string, known: string[] = []): string[] {
  return [...findOnMachine(state, machine, known)].map((urn) => parseUrn(urn).name).sort();
}
