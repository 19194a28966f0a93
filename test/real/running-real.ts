import { POD_MACHINES } from "../rig/machine-spec";
import { startRig, type Rig, type RigOptions } from "../rig/rig";
import { currentRun } from "../rig/run-context";
import { CALICO_IMAGES, linkFolders, withCalico } from "./calico/folder";
import { RealLab } from "./cluster/lab";
import { fetchMirror } from "./mirror/fetch";
import { prepareMirror } from "./mirror/make";
import { MirrorServer, NameServer } from "./mirror/serve";

export interface RealOptions extends RigOptions {
  /** Whether the machines' mirror is filled by `vmstation mirror fetch`, for the stack as it stands. */
  readonly fetches?: boolean;
  /** Whether the mirror has Calico itself, from the folder that CALICO_IMAGES names. */
  readonly calico?: boolean;
  /** Whether the suite adds to the mirror: it then has a copy, `lab.pathOf("mirror")`. */
  readonly own?: boolean;
}

/** What a suite works with. */
export interface Real {
  readonly rig: Rig;
  readonly mirror: MirrorServer;
  readonly lab: RealLab;
}

/**
 * A cable between name spaces has no Wake-on-LAN and a container no clock: these say what the tools would say on a real
 * machine. The programs' packages come later; Debian has them below /sbin. And where somebody's media would be.
 */
export const STAND_INS = `
mkdir -p /srv/media
for tool in ethtool rtcwake; do
  for place in /sbin/$tool /usr/sbin/$tool; do dpkg-divert --quiet --local --no-rename --divert $place.real --add $place; done
  printf '#!/bin/sh\\necho "Supports Wake-on: g"; echo "Wake-on: g"; echo "alarm: on"\\n' >/usr/sbin/$tool.new
  chmod 755 /usr/sbin/$tool.new
  mv -f /usr/sbin/$tool.new /usr/sbin/$tool
done`;

/** Where each method leaves the administrator's kubeconfig. */
const KUBECONFIGS = [
  "/etc/kubernetes/admin.conf",
  "/etc/rancher/k3s/k3s.yaml",
  "/etc/rancher/rke2/rke2.yaml",
];

const IS_CONTROL_PLANE = KUBECONFIGS.map((file) => `[ -e ${file} ]`).join(" || ");

/** Of a control plane, for which the API server need not answer. */
const LOOK = `export PATH=/usr/local/bin:/var/lib/rancher/rke2/bin:$PATH KUBECONFIG=${KUBECONFIGS.join(":")}
socket=/run/k3s/containerd/containerd.sock
[ -e $socket ] || socket=/run/containerd/containerd.sock
ip -brief address show scope global
crictl --runtime-endpoint unix://$socket ps -a 2>&1
kubectl --request-timeout=10s get nodes,pods -A -o wide
kubectl --request-timeout=10s get events -A --sort-by=.lastTimestamp | tail -n 15
vmstation-power-state.sh
journalctl --no-pager -o short -n 25 -u 'vmstation-*'
journalctl --no-pager -o short -n 15 -u keepalived
journalctl --no-pager -o short -p warning -n 15 -u kubelet -u k3s -u rke2-server`;

/** Machines that can run pods, a mirror and a name server for them, and a lab. */
export class RunningReal implements Real {
  private constructor(
    readonly rig: Rig,
    readonly lab: RealLab,
    readonly mirror: MirrorServer,
    private readonly names: NameServer,
  ) {}

  /** Only inside of `npm run test:rig`, and once all parts are built. */
  static async start(options: RealOptions = {}): Promise<RunningReal> {
    const run = currentRun();
    if (run === undefined) throw new Error("real clusters run by `npm run test:real`");
    const source = await prepareMirror(run.cache);
    const { fetches = false, calico = false, own = calico } = options;
    const record = calico ? withCalico(source.record) : source.record;
    const rig = await startRig({ machines: POD_MACHINES, ...options });
    try {
      const { controller } = rig.network;
      await Promise.all(rig.machines.map((machine) => machine.exec(STAND_INS)));
      const lab = new RealLab(rig, MirrorServer.at(controller), record);
      if (fetches) await fetchMirror(lab, source.path, controller);
      if (own)
        await linkFolders(lab.pathOf("mirror"), ...(calico ? [CALICO_IMAGES] : []), source.path);
      const folder = fetches || own ? lab.pathOf("mirror") : source.path;
      const mirror = await MirrorServer.start(folder, controller);
      return new RunningReal(rig, lab, mirror, await NameServer.start(controller));
    } catch (error) {
      await rig.stop();
      throw error;
    }
  }

  /** What the cluster says of itself, on each control plane that is up. */
  async look(): Promise<string> {
    const looks = this.rig.machines.map(async (machine) => {
      if (machine.state !== "on") return `${machine.name} is ${machine.state}`;
      const options = { anyCode: true, timeout: 90_000 };
      const { stdout } = await machine.exec(`${IS_CONTROL_PLANE} || exit 0\n${LOOK}`, options);
      return `${machine.name}:\n${stdout}`;
    });
    return (await Promise.all(looks)).join("\n");
  }

  async stop(): Promise<void> {
    this.lab.remove();
    this.names.stop();
    await this.mirror.stop();
    await this.rig.stop();
  }
}
