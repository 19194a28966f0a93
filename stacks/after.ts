import type * as pulumi from "@pulumi/pulumi";

/**
 * Options of a component that comes after `earlier`. Pulumi does not hand a component's `dependsOn` on to its
 * children, and only these do anything: so each child that waits for no sibling waits for the earlier layer,
 * and the order holds for deletes and targeted updates too. `onChild` gets each child that does something.
 * What is protected waits for nobody: a destroy leaves it, and with it would leave whatever it waits for.
 */
export function after(
  earlier: readonly pulumi.Resource[],
  onChild: (child: pulumi.ResourceTransformationArgs) => void = () => undefined,
): pulumi.ComponentResourceOptions {
  const dependsOn = [...earlier];
  const first: pulumi.ResourceTransformation = (args) => {
    const { type, props, opts: child } = args;
    if (isComponent(type)) return undefined;
    onChild(args);
    if (child.protect === true) return undefined;
    return child.dependsOn === undefined || isEmpty(child.dependsOn)
      ? { props, opts: { ...child, dependsOn } }
      : undefined;
  };
  return { transformations: [first] };
}

/** Nothing waits for a component itself, and its list would be as long as the earlier layer. */
function isComponent(type: string): boolean {
  return type.startsWith("vmstation:");
}

function isEmpty(dependsOn: unknown): boolean {
  return Array.isArray(dependsOn) && dependsOn.length === 0;
}
