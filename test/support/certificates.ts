import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export interface Pair {
  /** In PEM form, without a line break at its end. */
  readonly certificate: string;
  readonly key: string;
}

function make(folder: string, name: string, words: readonly string[]): Pair {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  execFileSync("openssl", ["req", "-x509", ...KEY, ...words, "-keyout", key, "-out", certificate], {
    stdio: "ignore",
  });
  return { certificate: readFileSync(certificate, "utf8").trim(), key: readFileSync(key, "utf8") };
}

/** As a Proxmox cluster has one of its own. Its files in the folder are ca.pem and ca.key. */
export function makeAuthority(folder: string): Pair {
  return make(folder, "ca", ["-days", "2", "-subj", "/CN=Proxmox Virtual Environment"]);
}

export interface HostOptions {
  /** Of its files in the folder. */
  readonly name?: string;
  /** By the folder's authority, else by itself. */
  readonly isSigned?: boolean;
}

/** A host's certificate for these addresses and names: "IP:127.0.0.9", "DNS:pve-a". */
export function makeHost(
  folder: string,
  names: readonly string[],
  { name = "server", isSigned = true }: HostOptions = {},
): Pair {
  const authority = ["-CA", join(folder, "ca.pem"), "-CAkey", join(folder, "ca.key")];
  return make(folder, name, [
    ...["-days", "2", ...(isSigned ? authority : [])],
    ...["-subj", "/CN=pve-a", "-addext", `subjectAltName=${names.join(",")}`],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
  ]);
}
