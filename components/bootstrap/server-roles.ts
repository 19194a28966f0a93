import type { Problem } from "../shared/problem";
import type { MethodSite } from "./method";

/** For a method whose control planes run etcd: it has no members elsewhere. `title` is the method as documents call it. */
export function etcdElsewhere(title: string, { machines }: MethodSite): readonly Problem[] {
  return machines
    .filter(({ roles }) => roles.includes("control-plane") !== roles.includes("etcd"))
    .map(({ name, roles }) => ({
      path: `machines.${name}.roles`,
      found: roles.join(", "),
      accepted:
        `control-plane and etcd together, or neither: with ${title} etcd is a part of every control plane ` +
        "(for etcd on machines of its own choose bootstrap.method: kubespray)",
    }));
}
