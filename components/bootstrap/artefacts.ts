import { calico } from "../versions";
import {
  ARCHITECTURES,
  digestKey,
  namedDigest,
  type Architecture,
  type Digests,
  type NamedDigests,
} from "./architectures";

/** One line of the list that fetch-artefacts.sh reads. */
export interface Artefact {
  readonly sha256: string;
  /** A program, a file as it is, or a tar ball that is unpacked into the destination. */
  readonly kind: "file" | "data" | "tar";
  readonly destination: string;
  readonly url: string;
  /** Machines of another architecture leave it alone. Undefined where it is for all of them. */
  readonly architecture?: Architecture;
}

/** The same URL on a mirror of files: https://HOST/… is MIRROR/HOST/…. */
export function mirrored(url: string, mirror: string | undefined): string {
  return mirror === undefined ? url : url.replace(/^https:\/\//, `${mirror}/`);
}

export function renderArtefacts(artefacts: readonly Artefact[]): string {
  return artefacts
    .map(({ sha256, kind, destination, url, architecture = "any" }) =>
      [sha256, kind, destination, url, architecture].join(" "),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** A file that its publisher builds once for each architecture. */
interface Built<Name extends string> extends Pick<Artefact, "kind" | "destination"> {
  /** As the configuration's digests call it. */
  readonly name: Name;
  readonly pinned?: Digests | undefined;
  readonly url: (architecture: Architecture) => string;
}

/** One build for each architecture. The fetcher refuses one without a digest and names its key. */
export function builds<Name extends string>(
  { name, kind, destination, pinned, url }: Built<Name>,
  checksums: NamedDigests<Name>,
): Artefact[] {
  return ARCHITECTURES.map((architecture) => ({
    sha256:
      namedDigest(checksums, name, architecture) ??
      pinned?.[architecture] ??
      `unset:${digestKey(name, architecture)}`,
    kind,
    destination,
    url: url(architecture),
    architecture,
  }));
}

/** Those that a machine of this architecture fetches. */
export function artefactsFor(
  artefacts: readonly Artefact[],
  architecture: Architecture,
): readonly Artefact[] {
  return artefacts.filter(({ architecture: its = architecture }) => its === architecture);
}

/** What says otherwise than versions/, and where from. */
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
