import { claimFolder } from "../components/shared/claims";
import type {
  BackupSource,
  ClaimUse,
  LayerFacts,
  OpenQuestion,
  StorageClassFact,
} from "../components/shared/facts";

type Facts = Pick<Required<LayerFacts>, "claims" | "storageClasses">;

export function classOf(claim: ClaimUse, { storageClasses }: Facts): StorageClassFact | undefined {
  return storageClasses.find(({ name }) => name === claim.storageClass);
}

/** The classes whose volumes somebody uses: those that claims name, and the default, which a claim need not name. */
export function usedClasses({ claims, storageClasses }: Facts): string[] {
  return storageClasses
    .filter(
      ({ name, isDefault }) => isDefault || claims.some((claim) => claim.storageClass === name),
    )
    .map(({ name }) => name);
}

/** What the backups hold of claims: those of classes whose volumes are folders of a machine here. */
export function backupsOfClaims(facts: Facts): BackupSource[] {
  return facts.claims.flatMap((claim) => {
    if (claim.backup === undefined) return [];
    const folder = classOf(claim, facts)?.folder;
    if (folder === undefined) return [];
    const directory = `${folder.directory}/${claimFolder(claim.namespace, claim.claim)}`;
    return [{ ...claim.backup, machine: folder.machine ?? claim.machine, directory }];
  });
}

/** Claims whose data nobody here can copy. */
export function unkeptClaims(facts: Facts): OpenQuestion[] {
  return facts.claims.flatMap((claim) => {
    const found = classOf(claim, facts);
    if (claim.backup === undefined || found === undefined || found.folder !== undefined) return [];
    return [
      {
        path: claim.path,
        message:
          `the backups do not hold the data of ${claim.user} in ${claim.claim}: the storage class ${found.name} ` +
          "keeps it outside of the machines here. Does its storage make backups?",
      },
    ];
  });
}
