import { readFileSync } from "node:fs";
import path from "node:path";
import { run } from "../rig/command";
import { write } from "./credentials";

/** Names of the internet that lead to servers of the test, for the programs that it starts so. */
export class InternetNames {
  constructor(
    private readonly folder: string,
    private readonly names: readonly string[],
    /** Where they lead. */
    private readonly address = "127.0.0.1",
  ) {}

  /** Makes the certificate of all of them, which is its own authority. */
  async makeCertificate(): Promise<void> {
    const names = [...this.names, "localhost"].map((name) => `DNS:${name}`).join(",");
    await run("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-days", "2", "-subj", "/CN=internet", "-keyout", this.keyFile, "-out", this.file],
      ...["-addext", `subjectAltName=${names},IP:127.0.0.1`],
    ]);
  }

  get file(): string {
    return path.join(this.folder, "internet.crt");
  }

  get keyFile(): string {
    return path.join(this.folder, "internet.key");
  }

  /** What a server of theirs shows. */
  get tls(): { readonly cert: string; readonly key: string } {
    return { cert: readFileSync(this.file, "utf8"), key: readFileSync(this.keyFile, "utf8") };
  }

  /** Words that start a program for which these are the internet's names. */
  get through(): readonly string[] {
    const names = `${this.address} localhost ${this.names.join(" ")}\n`;
    const hosts = write(this.folder, "hosts", names);
    const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
    return ["unshare", "--mount", "sh", "-c", script, hosts];
  }

  /** Variables by which such a program trusts them. */
  get env(): NodeJS.ProcessEnv {
    return { SSL_CERT_FILE: this.file };
  }
}
