import * as pulumi from "@pulumi/pulumi";
import { Hypervisor } from "../../../components/hypervisor/hypervisor";
import { isVirtual } from "../../../components/hypervisor/virtual";
import type { Change } from "../../support/homelab";
import { recordGraph, type Recorded } from "../../support/mocks";
import { homelabSite } from "../../support/site";

/** The hypervisor's layer alone, of the tests' homelab with these changes. */
export function recordHypervisor(
  changes: readonly Change[],
  secrets: Readonly<Record<string, string>> = {},
  stays?: ReadonlyMap<string, string>,
): Promise<Recorded[]> {
  const { config, machines } = homelabSite(...changes);
  const { hypervisor, lan, remote, cluster } = config;
  if (hypervisor === undefined) throw new Error("the stack has no hypervisor");
  const read = (name: string | undefined): pulumi.Output<string> | undefined => {
    const value = name === undefined ? undefined : secrets[name];
    return value === undefined ? undefined : pulumi.secret(value);
  };
  return recordGraph(() => {
    new Hypervisor(
      "hypervisor",
      {
        ...{ config: hypervisor, cluster: cluster.name, lan, machines: machines.filter(isVirtual) },
        ...{ token: undefined, access: { settings: remote }, secrets: read },
        ...(stays === undefined ? {} : { stays }),
      },
      {},
    );
  });
}
