/** Processors as publishers write them in the names of files. */
export const ARCHITECTURES = ["amd64", "arm64"] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** The same as `uname -m` says it. */
export const KERNEL_NAMES: Readonly<Record<Architecture, string>> = {
  amd64: "x86_64",
  arm64: "aarch64",
};

/** A file's digests; publishers build one for each architecture. */
export type Digests = Readonly<Record<Architecture, string>>;

/** Digests that a configuration names: those of amd64 by the file's name, those of arm64 below `arm64`. */
export type NamedDigests<Name extends string> = Readonly<Partial<Record<Name, string>>> & {
  readonly arm64: Readonly<Partial<Record<Name, string>>>;
};

export function namedDigest<Name extends string>(
  digests: NamedDigests<Name>,
  name: Name,
  architecture: Architecture,
): string | undefined {
  return architecture === "arm64" ? digests.arm64[name] : digests[name];
}

/** The key that names it. */
export function digestKey(name: string, architecture: Architecture): string {
  return `bootstrap.checksums.${architecture === "arm64" ? "arm64." : ""}${name}`;
}

/** The keys of these digests that the configuration lacks. */
export function missingDigests<Name extends string>(
  digests: NamedDigests<Name>,
  names: readonly Name[],
  architecture: Architecture,
): readonly string[] {
  return names
    .filter((name) => namedDigest(digests, name, architecture) === undefined)
    .map((name) => digestKey(name, architecture));
}
