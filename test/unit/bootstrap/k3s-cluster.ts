import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import type { Tokens } from "../../../components/bootstrap/k3s/render-config";
import { agentTurn, k3sStep } from "../../../components/bootstrap/k3s/steps";
import { Installer, type Result } from "./installer";
import { machineNamed, type ArgsOf } from "./sites";

export const TOKENS: Tokens = { server: "s3rver", agent: "ag3nt" };

const PLAYED = path.join(__dirname, "../../support/fixtures/k3s");
const STAND_IN = fs.readFileSync(path.join(PLAYED, "stand-in.sh"), "utf8");

/** What K3s documents of its options; with K3S_BIN, what that program says of them itself is compared with it. */
export const OPTIONS = z
  .object({
    ...{ server: z.array(z.string()), agent: z.array(z.string()), disable: z.array(z.string()) },
    sameOnAllServers: z.array(z.string()),
  })
  .parse(JSON.parse(fs.readFileSync(path.join(PLAYED, "options.json"), "utf8")));

type K3sArgs = ArgsOf<"k3s">;

/** A machine on which K3s's installer runs. What stands in for K3s reads what the step has put there. */
export class K3sMachine extends Installer {
  constructor() {
    const start = `case $1 in start | restart) exec python3 -I ${path.join(PLAYED, "systemctl.py")} "$2" ;; esac`;
    super("k3s/files/install-k3s.sh", { journalctl: "", sync: "", fetch: "", systemctl: start });
    fs.mkdirSync(this.at("usr/bin"));
    this.env.K3S_BOX = this.folder;
    for (const kind of ["server", "agent", "disable"] as const) {
      this.write(`options/${kind}`, `${OPTIONS[kind].join("\n")}\n`);
    }
  }

  private program(file: string, text: string): void {
    this.write(file, text);
    fs.chmodSync(this.at(file), 0o755);
  }

  /** The step's files, below the box. */
  private lay(args: K3sArgs, name: string) {
    const step = k3sStep(args, machineNamed(args.machines, name), TOKENS);
    for (const { path: file, content } of step.files ?? []) {
      const isUnit = file.endsWith(".service");
      this.write(file.replace("/usr/local", "usr"), isUnit ? content : this.moved(content));
    }
    return step.settings ?? {};
  }

  /** The step's long run there, as if the release had been fetched already. */
  install(args: K3sArgs, name: string, manifests = ""): Result {
    const { RELEASE, SERVICE, INTENT, SNAPSHOTS, PORT, ...others } = this.lay(args, name);
    const folder = this.moved(String(others.SNAPSHOT_FOLDER));
    this.program("var/lib/vmstation/artefacts/k3s", `${STAND_IN}# ${String(RELEASE)}\n`);
    const settings = [
      RELEASE,
      SERVICE,
      name,
      INTENT,
      this.at("bin/fetch"),
      SNAPSHOTS,
      manifests,
      PORT,
      folder,
    ];
    return this.run(...settings.map(String));
  }

  /** What the controller does before an agent's upgrade, or after it. */
  turn(args: K3sArgs, name: string, turn: "leaves" | "is back"): Result {
    const { settings = {} } = agentTurn(args, machineNamed(args.machines, name), turn);
    const program = this.at("usr/lib/vmstation/bootstrap/turn-node.sh");
    const { TURN, RELEASE, KUBECONFIG, KUBECTL } = settings;
    const kubectl = this.moved(String(KUBECTL)).split(" ");
    return this.sh(program, String(TURN), name, String(RELEASE), String(KUBECONFIG), ...kubectl);
  }

  /** What is known of a node of the cluster. */
  node(name: string) {
    const fact = (of: string): string => this.read(`nodes/${name}/${of}`) ?? "";
    return { version: fact("version"), cordoned: fact("cordoned") !== "", mark: fact("mark") };
  }

  /** Another machine of the cluster. */
  add(name: string, version: string, facts: { asleep?: boolean; cordoned?: boolean } = {}): void {
    this.write(`nodes/${name}/version`, version);
    this.write(`nodes/${name}/ready`, facts.asleep === true ? "NotReady" : "Ready");
    this.write(`nodes/${name}/cordoned`, facts.cordoned === true ? ",SchedulingDisabled" : "");
  }
}
