import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import type { ExportConfig, MountConfig } from "../../../components/node/config";
import {
  escapePath,
  renderExports,
  renderWhat,
  storageStep,
} from "../../../components/node/storage-step";
import { nodeContextOf } from "../../../stacks/node-context";
import { countCases } from "../../support/cases";
import { homelabSite } from "../../support/site";

describe("systemd's names for paths", () => {
  it("are those that systemd-escape prints", function () {
    if (spawnSync("systemd-escape", ["--version"]).status !== 0) this.skip();
    const segment = fc.string({
      unit: fc.constantFrom("a", "Z", "9", "-", "_", ".", ":", "@", " ", "é", "\\", "%", "+", "="),
      minLength: 1,
    });
    const paths = fc
      .array(
        segment.filter((s) => !/^\.+$/.test(s)),
        { maxLength: 3 },
      )
      .map((s) => `/${s.join("/")}`);
    fc.assert(
      fc.property(paths, (path) => {
        const real = spawnSync("systemd-escape", ["--path", "--", path], { encoding: "utf8" });
        assert.equal(escapePath(path), real.stdout.trimEnd());
      }),
      { numRuns: countCases(40) },
    );
  });

  it("escape the hyphen, which stands for the slash", () => {
    assert.equal(escapePath("/srv/my-data"), "srv-my\\x2ddata");
    assert.equal(escapePath("/"), "-");
  });
});

describe("what is mounted", () => {
  it("is a path that does not change with the order in which disks are found", () => {
    assert.equal(renderWhat({ uuid: "1234-ABCD" }), "/dev/disk/by-uuid/1234-ABCD");
    assert.equal(renderWhat({ label: "media" }), "/dev/disk/by-label/media");
    assert.equal(
      renderWhat({ nfs: { server: "192.168.8.61", path: "/srv/media" } }),
      "192.168.8.61:/srv/media",
    );
  });
});

describe("NFS exports", () => {
  it("are for the LAN, read-only and without a client's root by default", () => {
    const exports = {
      "/srv/media": { readOnly: true },
      "/srv/drop": { readOnly: false, clients: ["192.168.8.62/32"] },
    };
    assert.deepEqual(renderExports(exports, "192.168.8.0/24").split("\n").slice(1, 3), [
      "/srv/drop 192.168.8.62/32(rw,sync,no_subtree_check,root_squash)",
      "/srv/media 192.168.8.0/24(ro,sync,no_subtree_check,root_squash)",
    ]);
  });
});

describe("a disk that is exported", () => {
  const unitsOf = (exports: Readonly<Record<string, ExportConfig>>): Map<string, string> => {
    const context = nodeContextOf(homelabSite());
    const [machine] = context.machines;
    assert.ok(machine);
    const media: MountConfig = { source: { label: "media" }, type: "xfs", options: [] };
    const step = storageStep({ ...machine, mounts: { "/srv/media": media }, exports }, context);
    return new Map(step.files?.map((file) => [file.path.replace(/.*\//, ""), file.content]));
  };

  it("is waited for by NFS's server for systemd's 90 s, and starts it when it comes later", () => {
    const units = unitsOf({ "/srv/media/films": { readOnly: true } });
    assert.match(units.get("50-vmstation.conf") ?? "", /^JobRunningTimeoutSec=90$/m);
    assert.match(
      units.get("srv-media.mount") ?? "",
      /^Wants=nfs-server.service\nBefore=nfs-server.service\n\n\[Mount\]$/m,
    );
  });

  it("is not taken for another whose name begins like its own", () => {
    const units = unitsOf({ "/srv/media2": { readOnly: true } });
    assert.match(units.get("50-vmstation.conf") ?? "", /^JobRunningTimeoutSec=10$/m);
    assert.doesNotMatch(units.get("srv-media.mount") ?? "", /nfs-server/);
  });
});
