import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { vmstation } from "../../support/command-line";
import { policy } from "./policy";
import { POWER_MODULES } from "../../support/python";

const ROOT = path.join(__dirname, "../../..");
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0";
const SLEEPERS = { hazel: "127.0.0.62", spruce: "127.0.0.61" };

/**
 * Stands in for OpenSSH's client: the controller's entries run here, its agents answer from a file, and a session's
 * command is run by the shell. Notes what the program itself asked for.
 */
const SSH = `#!/bin/sh
for last; do :; done
case $* in
  *vmstation-power@*) exec sed "s/COUNTER/$(date +%s)/g" "$BOX/answer.json" ;;
  *HostKeyAlias=maple*)
    sed "s#/usr/local/bin/#$BOX/#" >"$BOX/script"
    echo "entry $(sed -n "1s/^set -- '\\([a-z-]*\\)'.*/\\1/p" "$BOX/script")" >>"$BOX/ssh.log"
    exec sh -eus <"$BOX/script" ;;
  *) while [ "$1" != -- ]; do shift; done; shift 2
    echo "session $*" >>"$BOX/ssh.log"
    exec sh -c "$*" ;;
esac
`;

const stackFile = z.object({
  config: z.looseObject({ "vmstation:machines": z.record(z.string(), z.looseObject({})) }),
});

/** The rig's stack on loopback, and its power controller: the real one, with stand-ins for ssh and kubectl. */
export class VerbLab {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "power-verbs-"));
  private readonly before = { PATH: process.env.PATH, BOX: process.env.BOX };

  private constructor(
    private readonly servers: readonly net.Server[],
    private readonly port: number,
  ) {}

  static async start(): Promise<VerbLab> {
    const servers: net.Server[] = [];
    let port = 0;
    for (const host of Object.values(SLEEPERS)) {
      const sshd = net.createServer((socket) => {
        socket.on("error", () => undefined);
        socket.end("SSH-2.0-OpenSSH_9.2p1\r\n");
      });
      servers.push(sshd);
      await new Promise<void>((resolve) => sshd.listen(port, host, resolve));
      const address = sshd.address();
      assert.ok(address !== null && typeof address === "object");
      ({ port } = address);
    }
    const lab = new VerbLab(servers, port);
    lab.prepare();
    return lab;
  }

  stop(): void {
    for (const server of this.servers) server.close();
    process.env.PATH = this.before.PATH;
    delete process.env.BOX;
    fs.rmSync(this.folder, { recursive: true });
  }

  /** As at the beginning: nobody uses the machines, no entry is missing, nothing was asked. */
  reset(): void {
    const library = path.join(ROOT, "components/power/files/lib/main.py");
    for (const verb of [
      "power-state",
      "power-test",
      "sleep",
      "wake",
      "hold",
      "release",
      "spin-down",
      "spin-up",
    ])
      this.program(
        `vmstation-${verb}.sh`,
        `#!/bin/sh\nPYTHONPATH='${POWER_MODULES.join(":")}' exec python3 -B '${library}' --config "$BOX/power.json" ${verb} "$@"\n`,
      );
    fs.rmSync(path.join(this.folder, "ssh.log"), { force: true });
    this.answer({});
  }

  /** What the machines' agents say from now on, beside that they are idle. */
  answer(changes: object): void {
    // Time passes, and nothing is done in it.
    const sample =
      '{"boot":"b","at":COUNTER,"busy":0,"total":COUNTER,"network":0,"disk":0,"operations":0}';
    const idle = { sample: "SAMPLE", sessions: [], inhibitors: [], openFiles: 0, errors: {} };
    const text = JSON.stringify({ ...idle, ...changes }).replace('"SAMPLE"', sample);
    fs.writeFileSync(path.join(this.folder, "answer.json"), text);
  }

  /** Runs a verb on the rig's stack in this process, as the command line does. */
  async call(
    verb: string,
    ...words: string[]
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const configFile = path.join(this.folder, "Pulumi.rig.yaml");
    const stack = ["--stack", "rig", "--config-file", configFile];
    const { status, ...said } = await vmstation("-C", this.folder, verb, ...stack, ...words);
    return { code: status, ...said };
  }

  private program(name: string, text: string): void {
    fs.writeFileSync(path.join(this.folder, name), text, { mode: 0o755 });
  }

  private prepare(): void {
    this.program("ssh", SSH);
    this.program("sudo", '#!/bin/sh\nshift\nexec "$@"\n');
    this.program("kubectl", `#!/bin/sh\ncat <<'END'\n${JSON.stringify({ items: nodes() })}\nEND\n`);
    fs.writeFileSync(path.join(this.folder, "power.json"), JSON.stringify(this.settings()));
    fs.writeFileSync(path.join(this.folder, "Pulumi.rig.yaml"), this.stackFile());
    const project = "name: vmstation\nruntime: nodejs\n";
    fs.writeFileSync(path.join(this.folder, "Pulumi.yaml"), project);
    process.env.PATH = `${this.folder}:${this.before.PATH ?? ""}`;
    process.env.BOX = this.folder;
  }

  private stackFile(): string {
    const text = fs.readFileSync(path.join(ROOT, "test/rig/Pulumi.rig.yaml"), "utf8");
    const document = stackFile.parse(parse(text));
    for (const [name, machine] of Object.entries(document.config["vmstation:machines"])) {
      Object.assign(machine, { hostKey: HOST_KEY, dns: ["192.0.2.1"] });
      if (name in SLEEPERS) Object.assign(machine, { sshPort: this.port });
    }
    return stringify(document).replaceAll("10.213.0.", "127.0.0.");
  }

  private settings(): object {
    const { folder, port } = this;
    return {
      ...{ key: "/key", knownHosts: "/hosts", agentUser: "vmstation-power" },
      ...{ kubectl: path.join(folder, "kubectl"), kubeconfig: "/kubeconfig" },
      ...{ stateDirectory: path.join(folder, "state"), metrics: path.join(folder, "metrics.prom") },
      ...{ connections: path.join(folder, "connections.json"), broadcast: "127.0.0.1", apps: [] },
      machines: Object.entries(SLEEPERS).map(([name, address]) => {
        return { ...policy(name), address, sshPort: port };
      }),
    };
  }
}

function nodes(): object[] {
  return Object.keys(SLEEPERS).map((name) => ({
    kind: "Node",
    metadata: { name, resourceVersion: "1", labels: {}, annotations: {} },
    spec: {},
    status: { conditions: [{ type: "Ready", status: "True" }], allocatable: { cpu: "4" } },
  }));
}
