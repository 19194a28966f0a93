import type { AskedMachine } from "./asked";

/** Roles by the word that a person answers. */
export const ROLES = {
  "control-plane": ["control-plane", "etcd"],
  worker: ["worker"],
  both: ["control-plane", "etcd", "worker"],
} as const satisfies Readonly<Record<string, AskedMachine["roles"]>>;

export type RoleName = keyof typeof ROLES;

export function listRoles(word: string): AskedMachine["roles"] {
  return Object.entries(ROLES).find(([name]) => name === word)?.[1] ?? [];
}

/**
 * Roles that make sense for so many machines, in their order. One or two: the first does everything, so that the second
 * may sleep. From three on the first is the control plane alone. A cluster that survives the loss of a control plane has
 * three of them, as etcd needs two of three; up to four machines they carry pods as well.
 */
export function suggestRoles(count: number, survives: boolean): RoleName[] {
  const planes = survives && count >= 3 ? 3 : 1;
  const plane: RoleName = (planes === 3 && count <= 4) || count <= 2 ? "both" : "control-plane";
  return Array.from({ length: count }, (_, index) => (index < planes ? plane : "worker"));
}
