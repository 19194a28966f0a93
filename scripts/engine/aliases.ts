import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import { parseUrn, renderUrn } from "./urn";

interface Named {
  readonly type: string;
  readonly name: string;
  readonly stack: string;
  readonly project: string;
  readonly parent: { readonly urn: string; readonly aliases: readonly string[] } | undefined;
}

/**
 * The URNs under which the engine looks for a resource in the state beside its own: those that the program names, and
 * for each under which the parent may be there the child's below it.
 */
export function listAliases(own: readonly Alias[], named: Named): string[] {
  const declared = own.map((alias) => resolve(alias, named));
  const { type, name, stack, project, parent } = named;
  const candidates = [{ type, name }, ...declared.map(parseUrn)];
  const inherited = (parent?.aliases ?? []).flatMap((alias) =>
    candidates.map((candidate) =>
      renderUrn({
        ...{ stack, project, parent: alias, type: candidate.type },
        name: renameByParent(candidate.name, parent?.urn ?? "", alias),
      }),
    ),
  );
  return [...new Set([...declared, ...inherited])];
}

function resolve(alias: Alias, { type, name, stack, project, parent }: Named): string {
  const spec = alias.getSpec();
  if (spec === undefined) return alias.getUrn();
  const above = spec.getParenturn() === "" ? parent?.urn : spec.getParenturn();
  return renderUrn({
    stack: spec.getStack() || stack,
    project: spec.getProject() || project,
    parent: spec.getNoparent() ? undefined : above,
    type: spec.getType() || type,
    name: spec.getName() || name,
  });
}

/** A child is mostly named after its parent, so that it had another name while that one had. */
function renameByParent(name: string, parent: string, alias: string): string {
  const before = parseUrn(parent).name;
  return name.startsWith(before) ? `${parseUrn(alias).name}${name.slice(before.length)}` : name;
}
