import { closest } from "fastest-levenshtein";
import type { ClaimUse } from "../../components/shared/facts";
import type { Problem } from "../../components/shared/problem";
import { classOf } from "../claims";
import type { Site } from "../site";

/** Each claim has a class that is there, and that can give its volume to the machine where it is used. */
export function claimRules(site: Site): Problem[] {
  const { claims } = site.facts;
  // Several volumes of one part come by one key.
  const first = claims.filter(
    (claim, i) => claims.findIndex(({ path }) => path === claim.path) === i,
  );
  return first.flatMap((claim) => judge(claim, site));
}

function judge(claim: ClaimUse, { facts, machines }: Site): Problem[] {
  const { path, storageClass, machine, user, notOnNfs } = claim;
  const found = classOf(claim, facts);
  if (found === undefined) {
    const names = facts.storageClasses.map(({ name }) => name);
    const accepted =
      names.length === 0
        ? "a class of vmstation:platform.storage, which is not there"
        : `one of ${names.join(", ")}; did you mean ${closest(storageClass, names)}?`;
    return [{ path, found: `${storageClass}, which is no storage class here`, accepted }];
  }
  if (found.kind === "nfs" && notOnNfs !== undefined)
    return [
      {
        path,
        found: `${storageClass}, which is NFS (vmstation:${found.path}), for ${user}: ${notOnNfs}`,
        accepted: "a class of local folders or of Ceph, or no key",
      },
    ];
  if (found.machines?.includes(machine) === false)
    return [
      {
        path,
        found: `${storageClass} for ${user} on ${machine}, which is not among vmstation:${found.path}.machines`,
        accepted: `a class that ${machine} has; ${storageClass} is on ${found.machines.join(", ")}`,
      },
    ];
  const isBound = found.folder !== undefined && found.folder.machine === undefined;
  if (claim.isAnywhere === true && isBound)
    return [
      {
        path,
        found: `${storageClass} for ${user}, which runs anywhere: its volumes are on the machine of the pod`,
        accepted: "a class of NFS or of Ceph, or a machine for the app",
      },
    ];
  // What is always on stands still while its volume's machine sleeps.
  const holder = machines.find(({ name }) => name === found.folder?.machine);
  const sleeps = machines.some(({ name, sleeps }) => name === machine && sleeps);
  if (holder?.sleeps === true && !sleeps)
    return [
      {
        path,
        found: `${storageClass} for ${user}, which is always on: its volumes are on ${holder.name}, which sleeps (vmstation:${found.path}.machine)`,
        accepted: "a class on a machine whose power.mode is always-on",
      },
    ];
  return [];
}
