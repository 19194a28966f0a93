/** An image as a pod or a chart names it, in its parts. */
export interface ImageReference {
  /** "docker.io/library/nginx" */
  readonly repository: string;
  readonly tag: string;
  readonly digest: string | null;
}

/** Reads an image's name as containerd does: without a registry it is Docker Hub's, without a tag `latest`. */
export function parseReference(text: string): ImageReference {
  const [named = "", digest] = text.split("@");
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  return {
    repository: withRegistry(hasTag ? named.slice(0, colon) : named),
    tag: hasTag ? named.slice(colon + 1) : "latest",
    digest: digest ?? null,
  };
}

function withRegistry(repository: string): string {
  const [first = "", ...rest] = repository.split("/");
  if (rest.length === 0) return `docker.io/library/${repository}`;
  const isHost = first.includes(".") || first.includes(":") || first === "localhost";
  return isHost ? repository : `docker.io/${repository}`;
}
