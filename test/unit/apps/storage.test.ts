import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as fc from "fast-check";
import type { AppVolume } from "../../../components/apps/frame/app";
import { findMount } from "../../../components/shared/mounts";
import { renderFoldersStep } from "../../../components/apps/frame/folders";
import { renderClaim, renderVolume } from "../../../components/apps/frame/storage";
import { Sandbox, type Ran } from "../../support/sandbox";

const local: AppVolume = {
  kind: "local",
  name: "config",
  path: "apps.jellyfin.config.path",
  directory: "/var/lib/jellyfin",
  size: 20 * 2 ** 30,
  owner: "1000:1000",
  readOnly: false,
};
const nfs: AppVolume = {
  kind: "nfs",
  name: "media",
  path: "apps.x.media",
  server: "spruce",
  directory: "/srv/media",
  size: 2 ** 40,
  readOnly: true,
};
const context = {
  app: "jellyfin",
  machine: "spruce",
  addressOf: (name: string) => (name === "spruce" ? "192.168.8.61" : undefined),
};

describe("an app's volume", () => {
  it("is a local folder of its machine, kept when its claim is deleted", () => {
    const spec = renderVolume(local, context);
    assert.equal(spec.persistentVolumeReclaimPolicy, "Retain");
    assert.deepEqual(spec.local, { path: "/var/lib/jellyfin" });
    assert.deepEqual(spec.nodeAffinity, {
      required: {
        nodeSelectorTerms: [
          {
            matchExpressions: [
              { key: "kubernetes.io/hostname", operator: "In", values: ["spruce"] },
            ],
          },
        ],
      },
    });
  });

  it("is an NFS share mounted read only, that gives up when its server sleeps", () => {
    const spec = renderVolume(nfs, context);
    assert.deepEqual(spec.nfs, { server: "192.168.8.61", path: "/srv/media", readOnly: true });
    assert.deepEqual(spec.accessModes, ["ReadOnlyMany"]);
    assert.deepEqual(
      spec.mountOptions,
      "nfsvers=4.2 ro soft timeo=100 retrans=3 noatime nodev nosuid".split(" "),
    );
  });

  for (const volume of [local, nfs]) {
    it(`and its claim name each other, and agree in everything (${volume.kind})`, () => {
      const spec = renderVolume(volume, context);
      const claim = renderClaim(volume, "jellyfin");
      assert.deepEqual(spec.claimRef, {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        namespace: "jellyfin",
        name: volume.name,
      });
      assert.equal(claim.volumeName, `jellyfin-${volume.name}`);
      assert.deepEqual(claim.accessModes, spec.accessModes);
      assert.equal(claim.storageClassName, spec.storageClassName);
      assert.deepEqual(claim.resources, { requests: spec.capacity });
    });
  }
});

describe("the mount point that a folder lies under", () => {
  const points = ["/srv", "/srv/media", "/srv/media/films"];

  it("is the deepest one; a folder whose path only begins alike has none", () => {
    assert.deepEqual(
      ["/srv/media/films/a", "/srv/media", "/srv/mediathek", "/var/lib/x"].map((directory) =>
        findMount(points, directory),
      ),
      ["/srv/media/films", "/srv/media", "/srv", undefined],
    );
  });

  it("always holds the folder", () => {
    const part = fc.constantFrom("a", "b", "ab");
    const dir = fc.array(part, { minLength: 1, maxLength: 4 }).map((p) => `/${p.join("/")}`);
    fc.assert(
      fc.property(fc.array(dir), dir, (mounts, directory) => {
        const point = findMount(mounts, directory);
        const holding = mounts.filter((p) => `${directory}/`.startsWith(`${p}/`));
        assert.equal(
          point?.length,
          holding.length ? Math.max(...holding.map((p) => p.length)) : undefined,
        );
      }),
    );
  });
});

describe("the step that makes an app's folders", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox("sh", "/tmp");
  });
  afterEach(() => {
    box.remove();
  });

  const owner = ((): string => {
    const { uid, gid } = fs.statSync("/tmp");
    return uid === process.getuid?.() && gid === process.getgid?.() ? "root:root" : "";
  })();

  /** `mounted` is what findmnt says of the mount point: the types of what is mounted there. */
  function run(folders: readonly string[], verb: string, mounted: readonly string[] = []): Ran {
    const step = renderFoldersStep("x", [local], { mounts: {} });
    assert.ok(step);
    const types = mounted.map((type) => `echo ${type}; `).join("");
    const script = `${step.script}\nfindmnt() { ${types}${mounted.length ? ":" : "return 1"}; }`;
    return box.run({ ...step, script, settings: { FOLDERS: folders } }, verb);
  }

  before(function () {
    if (owner === "") this.skip();
  });

  it("makes a folder with its mode and owner, once", () => {
    const folder = box.at("disk/jellyfin");
    const first = run([`${folder} ${owner} -`], "apply");
    assert.equal(first.code, 0, first.stderr);
    assert.equal(fs.statSync(folder).mode & 0o7777, 0o750);
    const { ctimeMs } = fs.statSync(folder);
    assert.equal(run([`${folder} ${owner} -`], "apply").code, 0);
    assert.equal(fs.statSync(folder).ctimeMs, ctimeMs);
    assert.equal(run([`${folder} ${owner} -`], "check").code, 0);
  });

  for (const [what, mounted] of [
    ["nothing is mounted", []],
    ["the automount has not found its disk", ["autofs"]],
  ] as const) {
    it(`fills no root disk: where ${what} it makes nothing and says what to do`, () => {
      fs.mkdirSync(box.at("disk"));
      const folders = [`${box.at("disk/jellyfin")} ${owner} ${box.at("disk")}`];
      const ran = run(folders, "apply", mounted);
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /nothing is mounted at \S+disk, where \S+jellyfin belongs/);
      assert.match(ran.stderr, /vmstation:machines\.sandbox\.mounts/);
      assert.ok(!box.exists("disk/jellyfin"));
      const check = run(folders, "check", mounted);
      assert.equal(check.code, 3);
      assert.match(check.stdout, /^drift\tmount\t\S+disk\tnothing is mounted there$/m);
    });
  }

  it("makes the folder behind an automount whose disk is there", () => {
    fs.mkdirSync(box.at("disk"));
    const folders = [`${box.at("disk/jellyfin")} ${owner} ${box.at("disk")}`];
    assert.equal(run(folders, "apply", ["autofs", "ext4"]).code, 0);
    assert.ok(box.exists("disk/jellyfin"));
  });

  it("never makes or changes the user's own folder, which must be there", () => {
    const media = box.at("media");
    const missing = run([`${media} - -`], "apply");
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /there is no folder \S+media/);
    fs.mkdirSync(media, { mode: 0o777 });
    fs.chmodSync(media, 0o777);
    assert.equal(run([`${media} - -`], "apply").code, 0);
    assert.equal(fs.statSync(media).mode & 0o7777, 0o777);
  });

  it("changes nothing of a folder that holds somebody else's files, or of what a link leads to", () => {
    const photos = box.at("photos");
    fs.mkdirSync(photos);
    fs.writeFileSync(box.at("photos/birth.jpg"), "photo");
    fs.symlinkSync(photos, box.at("link"));
    for (const folder of ["photos", "link", "link/new"]) {
      const ran = run([`${box.at(folder)} 1000:1000 - vmstation:apps.x.path`], "apply");
      assert.equal(ran.code, 1, folder);
      assert.match(ran.stderr, /to do: .*vmstation:apps\.x\.path/);
    }
    const { uid, mode } = fs.statSync(photos);
    assert.deepEqual([uid, mode & 0o7777], [process.getuid?.(), 0o755]);
    assert.deepEqual(fs.readdirSync(photos), ["birth.jpg"]);
  });

  it("keeps data when the app is removed, and removes an empty folder", () => {
    const [full, empty] = [box.at("full"), box.at("empty")];
    const folders = [`${full} ${owner} -`, `${empty} ${owner} -`];
    assert.equal(run(folders, "apply").code, 0);
    fs.writeFileSync(box.at("full/library.db"), "films");
    assert.equal(run(folders, "remove").code, 0);
    assert.equal(box.read("full/library.db"), "films");
    assert.ok(!box.exists("empty"));
  });
});
