import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { z } from "zod";
import { composeMounts } from "../../../../scripts/verbs/init/compose-mounts";
import { seen } from "../looks";
import { askInNamespace, cannotAsk, countCases, SEED } from "./in-namespace";

const CASES = countCases(40);

const LOOK = join(__dirname, "../../../../scripts/verbs/init/files/look.sh");

/**
 * The script that looks at a machine reads the case as /etc/fstab; beside it what findmnt has for each entry, with its
 * tags, and what systemd makes of it.
 */
const ASK = `
look=$(sed '/^# Each by itself/,$d' '${LOOK}')
eval "$look"
file_servers() { :; }
lsblk() { :; }
index=0
while [ "$index" -lt "$COUNT" ]; do
  mount --bind "$CASES/$index" /etc/fstab
  echo "case $index"
  set +e
  disks
  findmnt --fstab --json --output TARGET,SOURCE,FSTYPE,OPTIONS,UUID,LABEL,PARTUUID,PARTLABEL 2>/dev/null |
    tr '\\n\\t' '  ' | sed 's/^/expected\\t/'
  echo
  set -e
  umount /etc/fstab
  index=$((index + 1))
done
`;

const disk = fc.constantFrom(
  ...["UUID=6e9f1a3c-0000-4000-8000-000000000001", "LABEL=data", 'UUID="0a0a-0b0b"', "/dev/sdb1"],
  ...['LABEL="quoted"', "/dev/vg/data", "/dev/disk/by-uuid/0c0c-0d0d", "LABEL=Media\\040Disk"],
  ...["LABEL=A-label-of-18-chars", "PARTUUID=1234-01", "PARTLABEL=big", "LABEL=", "UUID=a\\134b"],
);
const share = fc.constantFrom(
  ...["nas.lan:/srv/media", "nas.lan:/srv/media/", "192.168.1.9:/srv//x", "nas_1:/srv/old"],
  ...["[fd00::1]:/six", "nas.lan:/"],
);
const sourceAndType = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(disk, fc.constantFrom("ext4", "xfs", "btrfs")) },
  { weight: 5, arbitrary: fc.tuple(share, fc.constantFrom("nfs4", "nfs")) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.oneof(disk, fc.constantFrom("none", "tmpfs", "//nas/share", "/srv/data")),
      fc.constantFrom("swap", "cifs", "auto", "vfat", "tmpfs", "nfs4"),
    ),
  },
);
const target = fc.constantFrom(
  ...[
    "/srv/a",
    "/srv/b/",
    "/srv//c",
    "/srv/d\\040e",
    "/mnt/media",
    "/",
    "none",
    "/var/lib/kubelet/x",
  ],
  ...["/srv/f_g", "/srv/h-i", "/home", "/srv/media/sub", "swap"],
);
const options = fc.constantFrom(
  ...["defaults", "ro,noatime", "subvol=@data,compress=zstd", "noauto,nofail", "subvolid=256", ""],
  ...["rw,vers=4.2,sec=sys", "bind", "uid=1000\\040", "defaults,x-systemd.automount,odd=1"],
);
const line = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .record({
        before: fc.constantFrom("", "", " ", "\t"),
        fields: fc
          .tuple(sourceAndType, target, options)
          .map(([[source, type], point, chosen]) => [source, point, type, chosen]),
        gap: fc.constantFrom(" ", "\t", "   "),
        after: fc.constantFrom("", " 0 2", "\t0\t0", " 0 0 ", " 0"),
      })
      .map(({ before, fields, gap, after }) => `${before}${fields.join(gap)}${after}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("# nothing", "", "   ", "broken", "a b", "#UUID=1 /x xfs"),
  },
);
const text = fc.array(line, { maxLength: 4 }).map((lines) => lines.map((l) => `${l}\n`).join(""));

const rowSchema = z.object({
  filesystems: z.array(
    z.object({
      target: z.string(),
      source: z.string().nullable(),
      fstype: z.string().nullable(),
      options: z.string().nullable(),
      uuid: z.string().nullable(),
      label: z.string().nullable(),
    }),
  ),
});
type Row = z.infer<typeof rowSchema>["filesystems"][number];

/** What a composed source means in fstab's words, as findmnt has them. */
function agrees(composed: Readonly<Record<string, unknown>>, row: Row): boolean {
  if (typeof composed.uuid === "string") {
    return row.uuid === composed.uuid || row.source === `/dev/disk/by-uuid/${composed.uuid}`;
  }
  if (typeof composed.label === "string") return row.label === composed.label;
  if (typeof composed.device === "string") return row.source === composed.device;
  const nfs = z.object({ server: z.string(), path: z.string() }).parse(composed.nfs);
  const [server, path = ""] = (row.source ?? "").split(":");
  return server === nfs.server && path.replace(/\/+/g, "/").replace(/(.)\/$/, "$1") === nfs.path;
}

describe("fstab, as the real findmnt reads it", function () {
  this.timeout(300_000);
  before(function () {
    const reason = cannotAsk("findmnt");
    if (reason === undefined) return;
    console.log(`    skipped: ${reason}`);
    this.skip();
  });

  it(`becomes mounts of the same sources, or a remark for each (seed ${SEED}, ${CASES} cases)`, () => {
    assert.match(readFileSync(LOOK, "utf8"), /^# Each by itself/m);
    const cases = fc.sample(text, { numRuns: CASES, seed: SEED });
    const answers = askInNamespace(ASK, cases)
      .split(/^case \d+\n/m)
      .slice(1);
    assert.equal(answers.length, cases.length);
    let described = 0;
    for (const [index, answer] of answers.entries()) {
      const lines = answer.split("\n");
      const expected = lines.find((each) => each.startsWith("expected\t"))?.slice(9) ?? "";
      const rows = expected === "" ? [] : rowSchema.parse(JSON.parse(expected)).filesystems;
      const seenFstab = lines.find((each) => each.startsWith("fstab\t"))?.slice(6) ?? "";
      const { facts } = seen(0, { mounts: JSON.stringify({ filesystems: [] }), fstab: seenFstab });
      const remarks: string[] = [];
      const mounts = composeMounts(facts, remarks);
      const about = `${cases[index] ?? ""}\n${answer}`;
      for (const [point, { source: composed, type: kind, options: kept }] of Object.entries(
        mounts,
      )) {
        const row = rows.find(
          ({ target: t, fstype, options: o }) =>
            fstype === kind &&
            !/(^|,)bind(,|$)/.test(o ?? "") &&
            t.replace(/\/+/g, "/").replace(/(.)\/$/, "$1") === point,
        );
        assert.ok(row !== undefined && agrees(composed, row) && kind === row.fstype, about);
        const written = (row.options ?? "").split(",");
        for (const option of kept ?? []) assert.ok(written.includes(option), about);
        const subvolume = written.filter((option) => /^(ro$|subvol)/.test(option));
        assert.deepEqual(
          subvolume.filter((option) => kept?.includes(option) !== true),
          [],
          about,
        );
        described++;
      }
      // Each data file system is a mount or a remark.
      for (const row of rows) {
        const point = row.target.replace(/\/+/g, "/").replace(/(.)\/$/, "$1");
        const isData = /^(ext4|xfs|btrfs|nfs4?)$/.test(row.fstype ?? "");
        const isOwn = /^\/(srv|mnt)\//.test(point) && !/(^|,)bind(,|$)/.test(row.options ?? "");
        const isTold = point in mounts || remarks.some((remark) => remark.startsWith(`${point} (`));
        assert.ok(!isData || !isOwn || isTold, about);
      }
    }
    assert.ok(described > CASES / 4, `only ${described} of ${CASES} cases' mounts were described`);
  });
});
