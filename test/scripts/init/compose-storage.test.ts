import assert from "node:assert/strict";
import { composeStorage, type Storage } from "../../../scripts/verbs/init/storage";
import { disks, filesystems, seen } from "./looks";

const LAN = "192.168.1.0/24";

function storageOf(more: Readonly<Record<string, string | string[]>>): Storage {
  return composeStorage(seen(0, { mounts: filesystems(), ...more }).facts, LAN);
}

describe("what init makes of fstab and mounts", () => {
  it("uses the disk's UUID for a label that a configuration cannot have, and keeps everything else", () => {
    const { mounts, remarks } = storageOf({
      fstab: filesystems(
        ["/srv/blank", "LABEL=Media Disk", "ext4"],
        ["/srv/long", 'LABEL="A-label-of-18-chars"', "btrfs"],
        ["/srv/unknown", "LABEL=Not Here", "ext4"],
        ["/srv/plain", "LABEL=data", "xfs"],
      ),
      disks: disks(
        { path: "/dev/sdb1", uuid: "0a0a-0b0b", label: "Media Disk" },
        { path: "/dev/sdc1", uuid: "0c0c-0d0d", label: "A-label-of-18-chars", fstype: "btrfs" },
      ),
    });
    assert.deepEqual(mounts, {
      "/srv/blank": { source: { uuid: "0a0a-0b0b" }, type: "ext4" },
      "/srv/long": { source: { uuid: "0c0c-0d0d" }, type: "btrfs" },
      "/srv/plain": { source: { label: "data" }, type: "xfs" },
    });
    assert.deepEqual(remarks, [
      "/srv/unknown (ext4, LABEL=Not Here) is not described: its source has no accepted form: " +
        "give the file system a UUID or a plain label",
    ]);
  });

  it("finds the disk of a partition's UUID or label, and of udev's links and device names", () => {
    const { mounts } = storageOf({
      fstab: filesystems(
        ["/srv/a", "PARTUUID=1234-01", "ext4"],
        ["/srv/b", "PARTLABEL=big", "ext4"],
        ["/srv/c", "/dev/disk/by-uuid/0c0c-0d0d", "ext4"],
        ["/srv/d", "/dev/disk/by-label/Media\\x20Disk", "ext4"],
        ["/srv/e", "/dev/sde1", "ext4"],
        ["/srv/f", "/dev/mapper/vg-data", "xfs"],
        ["/srv/g", "UUID=0a0a-0000", "auto"],
      ),
      disks: disks(
        { path: "/dev/sda1", uuid: "0a0a-0000", partuuid: "1234-01" },
        { path: "/dev/sdb1", uuid: "0b0b-0000", partlabel: "big" },
        { path: "/dev/sdd1", uuid: "0d0d-0000", label: "Media Disk" },
        { path: "/dev/sde1", uuid: "0e0e-0000" },
      ),
    });
    assert.deepEqual(
      Object.values(mounts).map(({ source }) => source),
      [
        ...[{ uuid: "0a0a-0000" }, { uuid: "0b0b-0000" }, { uuid: "0c0c-0d0d" }],
        ...[{ uuid: "0d0d-0000" }, { uuid: "0e0e-0000" }, { device: "/dev/mapper/vg-data" }],
        { uuid: "0a0a-0000" },
      ],
    );
    assert.equal(mounts["/srv/g"]?.type, "ext4");
  });

  it("takes NFS with a slash at its end, and a server whose name DNS cannot have by its address", () => {
    const { mounts, remarks } = storageOf({
      fstab: filesystems(
        ["/mnt/media/", "nas.lan:/srv//media/", "nfs4"],
        ["/mnt/old", "nas_1:/srv/old", "nfs"],
        ["/mnt/gone", "nas_2:/srv/gone", "nfs4"],
        ["/mnt/root", "nas.lan:/", "nfs4"],
        ["/mnt/six", "[fd00::1]:/srv/six", "nfs4"],
      ),
      "file-server": ["nas.lan 192.168.1.9", "nas_1 192.168.1.7", "nas_2 "],
    });
    assert.deepEqual(mounts, {
      "/mnt/media": { source: { nfs: { server: "nas.lan", path: "/srv/media" } }, type: "nfs4" },
      "/mnt/old": { source: { nfs: { server: "192.168.1.7", path: "/srv/old" } }, type: "nfs" },
      "/mnt/root": { source: { nfs: { server: "nas.lan", path: "/" } }, type: "nfs4" },
    });
    assert.match(remarks.join("\n"), /^\/mnt\/gone \(nfs4, nas_2:\/srv\/gone\) is not described/m);
    assert.match(remarks.join("\n"), /^\/mnt\/six .*is not described/m);
  });

  it("keeps which part of a btrfs is mounted, and that it is read-only", () => {
    const options = "rw,relatime,space_cache=v2,subvolid=256,subvol=/@data";
    const { mounts, remarks } = storageOf({
      mounts: filesystems(
        ["/srv/data", "/dev/sdb1", "btrfs", "0b0b-0000", undefined, options, "/@data"],
        ["/srv/again", "/dev/sdb1", "btrfs", "0b0b-0000", undefined, options, "/@data/folder"],
        ["/srv/top", "/dev/sdc1", "btrfs", "0c0c-0000", undefined, "rw,subvolid=5,subvol=/", "/"],
        ["/srv/ro", "/dev/sdd1", "ext4", "0d0d-0000", undefined, "ro,relatime", "/"],
      ),
      fstab: filesystems(
        [...["/srv/snap", "UUID=0b0b-0000", "btrfs", undefined, undefined], "ro,subvol=@snap"],
        [...["/srv/zip", "UUID=0e0e-0000", "btrfs", undefined, undefined], "compress=zstd:3,odd=1"],
        ["/srv/bound", "/srv/data", "none", undefined, undefined, "bind"],
      ),
    });
    assert.deepEqual(mounts, {
      "/srv/data": { source: { uuid: "0b0b-0000" }, type: "btrfs", options: ["subvol=/@data"] },
      "/srv/top": { source: { uuid: "0c0c-0000" }, type: "btrfs" },
      "/srv/ro": { source: { uuid: "0d0d-0000" }, type: "ext4", options: ["ro"] },
      "/srv/snap": {
        source: { uuid: "0b0b-0000" },
        type: "btrfs",
        options: ["ro", "subvol=@snap"],
      },
      "/srv/zip": { source: { uuid: "0e0e-0000" }, type: "btrfs", options: ["compress=zstd:3"] },
    });
    assert.deepEqual(remarks, [
      "/srv/zip (btrfs, UUID=0e0e-0000): these options are not kept: odd=1",
    ]);
  });

  it("says of fstab's other types that they are not described", () => {
    const { mounts, remarks } = storageOf({
      fstab: filesystems(
        ["/mnt/windows", "//nas/share", "cifs"],
        ["/tmp", "tmpfs", "tmpfs"],
        ["none", "UUID=1", "swap"],
        ["/srv/my disk", "UUID=0a0a-0b0b", "ext4"],
      ),
    });
    assert.deepEqual(mounts, {});
    assert.deepEqual(remarks, [
      "/mnt/windows (cifs, //nas/share) is not described: its type must be one of xfs, ext4, btrfs, nfs, nfs4",
      "/srv/my disk (ext4, UUID=0a0a-0b0b) is not described: its path has characters that are not accepted",
    ]);
  });
});

describe("what init makes of /etc/exports", () => {
  const exportsOf = (...lines: string[]): Storage => storageOf({ export: lines });

  it("reads clients on the next line, and quoted or escaped paths", () => {
    assert.deepEqual(exportsOf("/srv/media \\", "  192.168.1.0/24(rw)").exports, {
      "/srv/media": { readOnly: false },
    });
    const { exports, remarks } = exportsOf('"/srv/my media" *(ro)', "/srv/other\\040one *(ro)");
    assert.deepEqual(exports, {});
    assert.match(remarks[0] ?? "", /^\/srv\/my media is exported to \*\(ro\) today; its path has/);
    assert.match(remarks[1] ?? "", /^\/srv\/other one is exported/);
  });

  it("joins the lines of a folder, and allows no client to write if only some may today", () => {
    const joined = exportsOf("/srv/media 192.168.1.20(rw)", "/srv/media/ 192.168.1.21(ro)");
    assert.deepEqual(joined.exports, {
      "/srv/media": { clients: ["192.168.1.20/32", "192.168.1.21/32"] },
    });
    assert.match(
      joined.remarks.join(),
      /^\/srv\/media: only 192\.168\.1\.20 may write today\. Here all/,
    );
    const wider = exportsOf("/srv/media 192.168.1.20(rw) 192.168.1.0/24(ro)");
    assert.deepEqual(wider.exports, { "/srv/media": {} });
    assert.match(wider.remarks.join(), /only 192\.168\.1\.20 may write today/);
    const both = exportsOf("/srv/media -rw 192.168.1.20 192.168.1.21");
    assert.deepEqual(both.exports["/srv/media"]?.readOnly, false);
    assert.deepEqual(both.remarks, []);
  });

  it("gives no client more rights than today: a name or a foreign network never becomes the whole LAN", () => {
    const { exports, remarks } = exportsOf(
      "/srv/named nas.lan(rw)",
      "/srv/pattern *.lan(rw) @trusted(rw) 10.0.0.0/8(rw)",
      "/srv/mask 192.168.1.64/255.255.255.192(ro)",
      "/srv/all *(ro)",
      "/srv/wide 192.168.0.0/16(ro)",
      "/etc *(ro)",
    );
    assert.deepEqual(exports, {
      "/srv/mask": { clients: ["192.168.1.64/26"] },
      "/srv/all": {},
      "/srv/wide": {},
    });
    for (const [i, folder] of ["/srv/named", "/srv/pattern"].entries()) {
      assert.match(
        remarks[i] ?? "",
        new RegExp(`^${folder} .* none of them is an address in the LAN`),
      );
    }
    assert.match(
      remarks.join("\n"),
      /^\/srv\/all is exported to \*\(ro\) today; here only the LAN may use NFS/m,
    );
    assert.match(remarks.join("\n"), /^\/etc is exported .* a folder of the system/m);
  });

  it("names the options that are not kept, and where exportfs stops", () => {
    const { exports, remarks } = exportsOf(
      "/srv/a 192.168.1.0/24(rw,no_root_squash,sync,no_subtree_check)",
      "/srv/b 192.168.1.0/24(rw,wrong)",
      "/srv/c *(rw)",
    );
    assert.deepEqual(exports, { "/srv/a": { readOnly: false } });
    assert.deepEqual(remarks, [
      "/etc/exports: exportfs stops reading there: there is no option wrong: /srv/b 192.168.1.0/24(rw,wrong)",
      "/srv/a: these options are not kept: no_root_squash",
    ]);
  });
});
