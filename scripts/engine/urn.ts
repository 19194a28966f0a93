/** The type of the resource that is the root of every stack. */
export const STACK_TYPE = "pulumi:pulumi:Stack";

export interface UrnArgs {
  stack: string;
  project: string;
  /** The parent's URN; the stack itself adds nothing to its children's URNs. */
  parent: string | undefined;
  type: string;
  name: string;
}

/** `urn:pulumi:STACK::PROJECT::PARENT_TYPES$TYPE::NAME`, as the engine builds it. */
export function renderUrn({ stack, project, parent, type, name }: UrnArgs): string {
  const parentTypes = parent === undefined ? STACK_TYPE : parseUrn(parent).qualifiedType;
  const qualified = parentTypes === STACK_TYPE ? type : `${parentTypes}$${type}`;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

export interface UrnParts {
  qualifiedType: string;
  type: string;
  name: string;
}

/** The parts of a URN that say what a resource is. A name may itself contain `::`. */
export function parseUrn(urn: string): UrnParts {
  const [, , qualifiedType, ...name] = urn.split("::");
  if (!urn.startsWith("urn:pulumi:") || qualifiedType === undefined || name.length === 0) {
    throw new Error(`${JSON.stringify(urn)} is not a URN`);
  }
  const type = qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1);
  return { qualifiedType, type, name: name.join("::") };
}
