import { renderStays, STAYS } from "../../../components/hypervisor/stays";
import { findStays, listPlaced, type Placed } from "../proxmox/placed";
import type { Project } from "../stack-file/project";
import type { StackConfig } from "../stack-file/stack-config";
import type { Resources } from "./resources";

/** A run's environment, so that the program moves no virtual machine back that somebody else has moved; nor `more`. */
export function leaveAlone(
  state: Resources,
  config: StackConfig,
  { name }: Pick<Project, "name">,
  more: Placed = new Map(),
): NodeJS.ProcessEnv {
  const stays = findStays(listPlaced(state), config, name);
  return tellStays(new Map([...stays, ...more]));
}

/** The same, so that it moves none of these. */
export function tellStays(stays: Placed): NodeJS.ProcessEnv {
  return stays.size === 0 ? {} : { [STAYS]: renderStays(stays) };
}
