import { POD_MACHINES } from "../rig/machine-spec";
import { startRig, type Rig, type RigOptions } from "../rig/rig";
import { currentRun } from "../rig/run-context";
import { requireRig } from "../rig/use-rig";
import { RealLab } from "./cluster/lab";
import { prepareMirror } from "./mirror/make";
import { MirrorServer } from "./mirror/serve";
import { findMissing } from "./parts/modules";

/** By which run.ts tells the suites why nothing could be built. */
export const SKIP_VARIABLE = "VMSTATION_REAL_SKIP";

/** What a suite works with. */
export interface Real {
  readonly rig: Rig;
  readonly mirror: MirrorServer;
  readonly lab: RealLab;
}

/** A cable between name spaces has no Wake-on-LAN: this says what ethtool says of a real card. */
const WAKE_ON_LAN = `
dpkg-divert --quiet --local --rename --add /usr/sbin/ethtool
printf '#!/bin/sh\\necho "Supports Wake-on: g"; echo "Wake-on: g"\\n' >/usr/sbin/ethtool
chmod 755 /usr/sbin/ethtool`;

/** Gives a mocha suite machines that can run pods, a mirror and a lab, and returns how its tests get at them. */
export function useReal(options: RigOptions = { machines: POD_MACHINES }): () => Real {
  let rig: Rig | undefined;
  let mirror: MirrorServer | undefined;
  let lab: RealLab | undefined;

  before(async function () {
    requireRig(this);
    const run = currentRun();
    if (run === undefined || process.env[SKIP_VARIABLE] !== undefined || findMissing().length > 0)
      this.skip();
    const folder = await prepareMirror(run.cache);
    rig = await startRig(options);
    mirror = await MirrorServer.start(folder, rig.network.controller);
    await Promise.all(rig.machines.map((machine) => machine.exec(WAKE_ON_LAN)));
    lab = new RealLab(rig, mirror, folder.record);
  });

  after(async () => {
    lab?.remove();
    await mirror?.stop();
    await rig?.stop();
  });

  return () => {
    if (rig === undefined || mirror === undefined || lab === undefined)
      throw new Error("the machines are not on");
    return { rig, mirror, lab };
  };
}
