import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { kubespray } from "../../../components/versions";
import { run } from "../../rig/command";
import type { Machine } from "../../rig/machine";
import { currentRun } from "../../rig/run-context";
import { pythonIndex } from "../../rig/bootstrap/python-index";
import { CALICO_IMAGES, whyNoCalico } from "../calico/folder";
import { NERDCTL } from "./parts";

/** A checkout of Kubespray's pinned tag, with its repository. */
const CHECKOUT = process.env.KUBESPRAY_DIR ?? "";

/** Where the controller finds it. */
const REPOSITORY = "/srv/kubespray.git";
export const GIT = `file://${REPOSITORY}`;

/** Why Kubespray cannot run on this host, in one line; undefined where it can. */
export function whyNoKubespray(): string | undefined {
  if (!existsSync(path.join(CHECKOUT, ".git")))
    return "KUBESPRAY_DIR names no checkout of Kubespray (test/real/README.md)";
  const without = whyNoCalico();
  if (without !== undefined) return without;
  if (!existsSync(path.join(CALICO_IMAGES, "files", NERDCTL)))
    return `CALICO_IMAGES has no ${NERDCTL}, by which Kubespray pulls images`;
  return packageIndex() === undefined ? "Ansible's packages could not be fetched" : undefined;
}

/** Where a machine's pip finds Ansible. */
export function packageIndex(): string | undefined {
  const context = currentRun();
  return context === undefined ? undefined : pythonIndex(context.cache);
}

/** Puts the tag's commit on the controller, as a mirror would have it. */
export async function placeCheckout(controller: Machine): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "vmstation-kubespray-"));
  try {
    const bare = path.join(folder, "kubespray.git");
    const words = ["--quiet", "--bare", "--depth", "1", "--branch", kubespray.tag];
    await run("git", ["clone", ...words, `file://${path.resolve(CHECKOUT)}`, bare]);
    const pack = 'tar -C "$0" --owner=0 --group=0 -c . | base64 -w 0';
    const { stdout } = await run("bash", ["-euo", "pipefail", "-c", pack, bare]);
    await controller.exec(`mkdir -p ${REPOSITORY}; base64 -d | tar -C ${REPOSITORY} -x`, {
      input: stdout,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * What the sandbox forces, in the machines: no file may be opened more than 20,000 times, and no module is loaded, which
 * this kernel has built in.
 */
export const MACHINE = `
mkdir -p /etc/systemd/system/etcd.service.d
printf '[Service]\\nLimitNOFILE=20000\\n' >/etc/systemd/system/etcd.service.d/rig.conf
rm -f /sbin/modinfo /usr/sbin/modinfo
printf '#!/bin/sh\\nexit 1\\n' >/usr/sbin/modinfo
chmod 755 /usr/sbin/modinfo
[ -e /sbin/modinfo ] || ln -s /usr/sbin/modinfo /sbin/modinfo`;
