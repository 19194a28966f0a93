import { calico } from "../versions";

/** One line of the list that fetch-artefacts.sh reads. */
export interface Artefact {
  readonly sha256: string;
  /** A program, a file as it is, or a tar ball that is unpacked into the destination. */
  readonly kind: "file" | "data" | "tar";
  readonly destination: string;
  readonly url: string;
}

/** The same URL on a mirror of files: https://HOST/… is MIRROR/HOST/…. */
export function mirrored(url: string, mirror: string | undefined): string {
  return mirror === undefined ? url : url.replace(/^https:\/\//, `${mirror}/`);
}

export function renderArtefacts(artefacts: readonly Artefact[]): string {
  return artefacts
    .map(({ sha256, kind, destination, url }) => `${sha256} ${kind} ${destination} ${url}\n`)
    .join("");
}

/** What says otherwise than versions.ts, and where from. */
interface OperatorSource {
  readonly checksums: {
    readonly operatorCrds?: string | undefined;
    readonly operator?: string | undefined;
  };
  readonly sources: { readonly files?: string | undefined };
}

/** The Tigera operator's manifests, in the order in which they are applied; `folder` is where they lie. */
export function operatorManifests(
  { checksums, sources }: OperatorSource,
  folder: string,
): Artefact[] {
  const from = `https://raw.githubusercontent.com/projectcalico/calico/v${calico.version}/manifests`;
  const manifest = (sha256: string, name: string, file: string): Artefact => ({
    sha256,
    kind: "data",
    destination: `${folder}/${file}`,
    url: mirrored(`${from}/${name}`, sources.files),
  });
  const { operatorCrds, operator } = calico;
  return [
    manifest(checksums.operatorCrds ?? operatorCrds, "operator-crds.yaml", "10-operator-crds.yaml"),
    manifest(checksums.operator ?? operator, "tigera-operator.yaml", "20-operator.yaml"),
  ];
}
