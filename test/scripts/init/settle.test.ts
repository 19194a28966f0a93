import assert from "node:assert/strict";
import { compose, type SeenMachine } from "../../../scripts/verbs/init/compose";
import { renderFile } from "../../../scripts/verbs/init/render-file";
import { settle } from "../../../scripts/verbs/init/settle";
import { parseSetting } from "../../../scripts/kit/stack-file/setting";
import { filesystems, seen } from "./looks";

function fileOf(machines: readonly SeenMachine[], settings: readonly string[] = []) {
  const composed = compose(machines);
  return { composed, stack: "mine", origin: "hosts", settings: settings.map(parseSetting) };
}

const MOUNTS = filesystems(
  ["/mnt/media", "192.168.8.61:/srv/media", "nfs4"],
  ["/srv/own", "UUID=0a0a-0b0b", "ext4"],
);

describe("a mount that the plan refuses", () => {
  // The server, one of the machines, exports it to no address that init knows.
  const machines = [seen(0, { fstab: MOUNTS }), seen(1, { export: "/srv/media nas.lan(ro)" })];

  it("is left out with a comment that names it, and everything else is written", () => {
    const { file, site } = settle(fileOf(machines));
    assert.deepEqual(Object.keys(site.config.machines.master?.mounts ?? {}), ["/srv/own"]);
    assert.match(
      renderFile(file),
      /^ {4}# left out, as it is refused: mounts\.\/mnt\/media\S* .*; accepted is an export of storage/m,
    );
  });

  it("is thrown if the user asked for it, or if nothing can be left out", () => {
    assert.throws(
      () => settle(fileOf(machines, ["monitoring.machine=nobody"])),
      /monitoring\.machine[^]*nobody[^]*Nothing was written/,
    );
    const wanted = 'machines.master.mounts={ "/srv/x": { source: { label: "a b" } } }';
    assert.throws(() => settle(fileOf(machines, [wanted])), /a file system's label/);
  });
});
