import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import path from "node:path";
import { run } from "../rig/command";

/** A registry on loopback with charts of one name. */
export interface ChartRegistry {
  /** "oci://127.0.0.1:40000/charts" */
  readonly url: string;
  /** A file with the certificate that clients have to trust. */
  readonly authority: string;
  /** Of each version. */
  readonly digests: Readonly<Record<string, string>>;
  readonly close: () => void;
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const digestOf = (data: Buffer): string =>
  `sha256:${createHash("sha256").update(data).digest("hex")}`;

/**
 * Serves what a client of OCI's distribution API reads: tags, manifests and blobs. `archives` by version. What is below
 * "private" wants a login.
 */
export async function openRegistry(
  folder: string,
  name: string,
  archives: Readonly<Record<string, string>>,
): Promise<ChartRegistry> {
  const [key, authority] = [path.join(folder, "registry.key"), path.join(folder, "registry.crt")];
  await run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
    ...["-days", "2", "-subj", "/CN=registry", "-keyout", key, "-out", authority],
    ...["-addext", "subjectAltName=IP:127.0.0.1"],
  ]);
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, Buffer>();
  const digests: Record<string, string> = {};
  const keep = (data: Buffer, mediaType: string): object => {
    blobs.set(digestOf(data), data);
    return { mediaType, digest: digestOf(data), size: data.length };
  };
  for (const [version, archive] of Object.entries(archives)) {
    const config = Buffer.from(JSON.stringify({ name, version, apiVersion: "v2" }));
    const manifest = {
      ...{ schemaVersion: 2, mediaType: MANIFEST },
      config: keep(config, "application/vnd.cncf.helm.config.v1+json"),
      layers: [keep(readFileSync(archive), "application/vnd.cncf.helm.chart.content.v1.tar+gzip")],
    };
    const data = Buffer.from(JSON.stringify(manifest));
    manifests.set(version, data).set(digestOf(data), data);
    digests[version] = digestOf(data);
  }
  const repository = `/v2/charts/${name}`;
  const refuse = (
    response: ServerResponse,
    status: number,
    code: string,
    message: string,
  ): void => {
    const realm = status === 401 ? { "WWW-Authenticate": 'Basic realm="charts"' } : {};
    response.writeHead(status, { "Content-Type": "application/json", ...realm });
    response.end(JSON.stringify({ errors: [{ code, message }] }));
  };
  const server = createServer(
    { key: readFileSync(key), cert: readFileSync(authority) },
    ({ url = "", method }, response) => {
      const own = url.startsWith(`${repository}/`) ? url.slice(repository.length + 1) : "";
      const [kind = "", reference = ""] = own.split(/\/|\?/);
      const found = kind === "manifests" ? manifests.get(reference) : blobs.get(reference);
      if (url.startsWith("/v2/private/")) {
        refuse(response, 401, "UNAUTHORIZED", "authentication required");
      } else if (kind === "tags") {
        response.end(JSON.stringify({ name: `charts/${name}`, tags: Object.keys(archives) }));
      } else if (found === undefined) {
        const code = own === "" ? "NAME_UNKNOWN" : "MANIFEST_UNKNOWN";
        const message = own === "" ? "repository name not known to registry" : "manifest unknown";
        refuse(response, 404, code, message);
      } else {
        response.writeHead(200, {
          "Content-Type": kind === "manifests" ? MANIFEST : "application/octet-stream",
          "Content-Length": found.length,
          "Docker-Content-Digest": digestOf(found),
        });
        response.end(method === "HEAD" ? undefined : found);
      }
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `oci://127.0.0.1:${port}/charts`, authority, digests, close };
}
