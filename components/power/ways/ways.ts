import type { SecretUse } from "../../shared/facts";
import { ROLE, type PowerMachine } from "../names";
import * as registry from "./registry";
import type { WaySettings } from "./way";

const WAYS: readonly (readonly [string, WaySettings])[] = Object.entries(registry);

/** A secret of the controller: which way to wake which machine needs it, and its file there. */
export interface WakeSecret extends SecretUse {
  readonly file: string;
}

function secretFile(way: string, machine: string): string {
  return `${ROLE.secrets}/${way}-${machine}`;
}

export function listSecrets(machines: readonly PowerMachine[]): WakeSecret[] {
  return WAYS.flatMap(([name, way]) =>
    machines.flatMap((machine) => {
      const secret = way.secretOf(machine);
      return secret === undefined ? [] : [{ ...secret, file: secretFile(name, machine.name) }];
    }),
  );
}

/** What the controller needs to wake these machines. */
export function listPackages(machines: readonly PowerMachine[]): string[] {
  return WAYS.flatMap(([, way]) =>
    machines.some((machine) => way.secretOf(machine) !== undefined) ? way.packages : [],
  );
}

/** The machine's entry in power.json, as far as the ways to wake go; one whose secret is not set is left out. */
export function renderWays(
  machine: PowerMachine,
  hasSecret: (name: string) => boolean,
): Record<string, unknown> {
  const known = WAYS.filter(([, way]) => {
    const secret = way.secretOf(machine);
    return secret !== undefined && hasSecret(secret.name);
  });
  return Object.fromEntries(
    known.map(([name, way]) => [name, way.settingsFor(machine, secretFile(name, machine.name))]),
  );
}
