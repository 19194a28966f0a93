import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import * as fc from "fast-check";
import {
  isPackageFolder,
  isSharedFolder,
  isSystemFolder,
} from "../../../components/shared/folders";
import { absolutePath } from "../../../components/shared/scalars";
import { countCases, generate } from "../../support/cases";

const PARTS = [
  ..."bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var".split(
    " ",
  ),
  ..."data log cache local jellyfin kubelet dpkg .ssh .. . alice".split(" "),
  "",
];
const folders = fc
  .array(fc.constantFrom(...PARTS), { maxLength: 5 })
  .chain((parts) =>
    fc.constantFrom(`/${parts.join("/")}`, `/${parts.join("/")}/`, parts.join("/")),
  );

/** Whether the program may give it an owner and a mode. */
function isOwnable(folder: string): boolean {
  return (
    absolutePath.safeParse(folder).success &&
    ![isSystemFolder, isPackageFolder, isSharedFolder].some((refuses) => refuses(folder))
  );
}

/** By hier(7): where a person's data may lie, told by the path as the kernel walks it. */
function isForData(folder: string): boolean {
  const [top = "", second = "", ...rest] = path.posix.resolve("/", folder).slice(1).split("/");
  if (["srv", "mnt", "media", "opt"].includes(top)) return second !== "";
  if (top === "home") return rest.length > 0 && !rest[0]?.startsWith(".");
  if (top !== "var")
    return [
      "data",
      "alice",
      "jellyfin",
      "local",
      "log",
      "cache",
      "kubelet",
      "dpkg",
      ".ssh",
    ].includes(top);
  return (
    second !== "" &&
    !["log", "cache", "tmp", "run"].includes(second) &&
    !(["local", "opt"].includes(second) && rest.length === 0)
  );
}

describe("which folders the program may own", () => {
  it("is decided by the path as the kernel walks it: a path that means another folder is refused", () => {
    fc.assert(
      fc.property(folders, (folder) => {
        if (!absolutePath.safeParse(folder).success) return;
        assert.equal(path.posix.normalize(folder), folder);
        assert.equal(path.posix.resolve("/elsewhere", folder), folder);
      }),
      { numRuns: countCases(300) },
    );
  });

  it("leaves out all that is of the system, in it or above it", () => {
    fc.assert(
      fc.property(folders, (folder) => {
        if (isOwnable(folder)) assert.ok(isForData(folder), folder);
      }),
      { numRuns: countCases(300) },
    );
    for (const folder of [
      "/srv/data",
      "/mnt/disk/x",
      "/home/alice/world",
      "/var/lib/minecraft",
      "/data",
    ])
      assert.ok(isOwnable(folder), folder);
  });

  it("leaves out every folder that the machine itself would refuse", () => {
    const { cases: all, seed } = generate(folders, 300);
    const library = path.join(__dirname, "../../../components/remote/files/folders.sh");
    const script = `. '${library}'; while read -r folder; do if is_system_folder "$folder/"; then echo "$folder"; fi; done`;
    const ran = spawnSync("sh", ["-euc", script], {
      input: `${all.join("\n")}\n`,
      encoding: "utf8",
    });
    assert.equal(ran.status, 0, ran.stderr);
    const refused = ran.stdout.split("\n").filter((folder) => folder !== "");
    assert.ok(refused.length > 0);
    assert.deepEqual(refused.filter(isOwnable), [], `seed ${seed}`);
  });
});
