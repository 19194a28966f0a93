import { stringify } from "yaml";
import { renderAlertmanagerConfig } from "../../components/monitoring/parts/alertmanager";
import { type ReceiverSecrets, receiverSchema } from "../../components/monitoring/receivers";
import { OperationsLab, type Ran } from "../scripts/operations/lab";
import { waitFor } from "../rig/wait";
import { config } from "../unit/monitoring/homelab";
import { secretsOf } from "../unit/monitoring/receivers";
import { Daemon, type DaemonArgs } from "./daemon";
import { toolPath } from "./tools";
import { ask } from "./web";

export interface Started extends Pick<DaemonArgs, "through" | "env"> {
  /** What the stack's file says of the receiver. */
  readonly receiver: object;
  /** Values of its secrets; default: some of the right form. */
  readonly secrets?: ReceiverSecrets;
}

/** Alertmanager as the stack configures it, and a machine whose kubectl leads into its pod. */
export class AlertmanagerLab {
  private constructor(
    private readonly lab: OperationsLab,
    private readonly daemon: Daemon,
  ) {}

  static async start({ receiver: written, secrets, ...how }: Started): Promise<AlertmanagerLab> {
    const lab = new OperationsLab([["monitoring", "alertmanager", "receiver"], written]);
    const receiver = receiverSchema.parse(written);
    const rendered = stringify(
      renderAlertmanagerConfig(config().alertmanager, receiver, secrets ?? secretsOf(receiver)),
      // It waits half a minute for more alerts of the name, for which nothing here could be learned.
    ).replace("group_wait: 30s", "group_wait: 1s");
    const folder = lab.root;
    const file = lab.write("alertmanager.yaml", rendered);
    const daemon = new Daemon({
      ...{ folder, program: toolPath("alertmanager"), ...how },
      args: [
        ...[`--config.file=${file}`, `--storage.path=${folder}/data`],
        ...["--web.listen-address=127.0.0.1:9093", "--cluster.listen-address="],
      ],
    });
    writePod(lab);
    const started = new AlertmanagerLab(lab, daemon);
    await waitFor("Alertmanager", async () => {
      daemon.assertRunning();
      return (await ask("http://127.0.0.1:9093/-/ready")).status === 200;
    });
    return started;
  }

  /** `vmstation alert test`, for no longer than `seconds`. */
  test(seconds = 20): Promise<Ran> {
    return this.lab.run("alert", "test", "--wait", `${seconds}s`);
  }

  async stop(): Promise<void> {
    await this.daemon.stop();
    this.lab.remove();
  }
}

function writePod(lab: OperationsLab): void {
  lab.write("bin/amtool", `#!/bin/sh\nexec ${toolPath("amtool")} "$@"\n`, 0o755);
  lab.write("bin/wget", '#!/bin/sh\nshift 3\nexec curl -sS "$@"\n', 0o755);
  lab.write(
    "bin/kubectl",
    `#!/bin/sh
case "$*" in
  *' logs '*) exec cat "${lab.root}/alertmanager.log" ;;
esac
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
`,
    0o755,
  );
  lab.answer("maple", `PATH="$BOX/bin:$PATH" exec sh -eus`);
}
