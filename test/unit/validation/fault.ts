import { z } from "zod";
import { node, type ClusterState } from "./cluster-state";

export type Fault = (state: ClusterState) => void;

/** Puts `items` at the end of a list that kubectl answered. */
export function add(source: string, ...items: unknown[]): Fault {
  return (state) => {
    const { ok } = z
      .object({ ok: z.object({ items: z.array(z.unknown()) }) })
      .parse(state.sources[source]);
    state.sources[source] = { ok: { items: [...ok.items, ...items] } };
  };
}

export function set(source: string, ok: unknown): Fault {
  return (state) => {
    state.sources[source] = { ok };
  };
}

export const nodesWith = (changed: ReturnType<typeof node>): Fault =>
  set("nodes", {
    items: [
      ...[node("maple", "True"), node("hazel", "True"), node("spruce", "True")].filter(
        (n) => n.metadata.name !== changed.metadata.name,
      ),
      changed,
    ],
  });

/** One fault: what it is, the check that finds it, what that says, and how it comes about. */
export type FaultCase = readonly [what: string, check: string, found: RegExp, fault: Fault];
