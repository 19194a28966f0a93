import type { FileArgs } from "@muhlba91/pulumi-proxmoxve/download/file";
import type { HypervisorConfig } from "../config";

/** The image on one host: fetched by the host itself, and taken only with the right checksum. */
export function renderImage({ url, sha512, storage }: HypervisorConfig["image"], host: string) {
  return {
    nodeName: host,
    datastoreId: storage,
    contentType: "import",
    url,
    fileName: imageName(url, sha512),
    checksum: sha512,
    checksumAlgorithm: "sha512",
    // Otherwise each refresh would ask the web server for its size.
    overwrite: false,
    // Left there by an update that was cut.
    overwriteUnmanaged: true,
    uploadTimeout: 1800,
  } satisfies FileArgs;
}

/** Part of the checksum is in it: what another image has left there is never taken for this one. */
function imageName(url: string, sha512: string): string {
  const name = url.slice(url.lastIndexOf("/") + 1);
  const end = name.lastIndexOf(".");
  return `${name.slice(0, end)}-${sha512.slice(0, 8)}.${name.slice(end + 1).replace("img", "qcow2")}`;
}
