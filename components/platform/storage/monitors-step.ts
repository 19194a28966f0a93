import { readScript, type Step } from "../../remote/step";

/** Also what the checks ask the monitors with. */
export const ASK_MONITORS = "/usr/local/lib/vmstation/platform/ceph_monitors.py";

/** Before the class: with a wrong address each of its claims would wait, and nobody would say for what. */
export function monitorsStep(monitors: readonly string[]): Step {
  return {
    name: "ceph-monitors",
    script: readScript(__dirname, "files/ceph-monitors.sh"),
    libraries: ["files"],
    settings: { ASK: ASK_MONITORS, MONITORS: monitors.join(" ") },
    files: [
      {
        path: ASK_MONITORS,
        content: readScript(__dirname, "files/ceph_monitors.py"),
        mode: "0755",
        validate: "python",
      },
    ],
  };
}
