import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { renderBackupSettings, renderBackupStep } from "../../../components/monitoring/backups";
import { config, machine } from "./homelab";

const PROGRAM = path.resolve(
  __dirname,
  "../../../components/monitoring/files/backup-monitoring.py",
);
const NOW = Date.parse("2026-08-20T03:30:00Z") / 1000;
const DAY = 86_400;

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** The program's own main(), with a time of ours. */
function run(settings: string, now: number, ...args: readonly string[]): Ran {
  const code = [
    "import importlib.util, sys",
    "spec = importlib.util.spec_from_file_location('backup', sys.argv[1])",
    "program = importlib.util.module_from_spec(spec)",
    "spec.loader.exec_module(program)",
    "sys.exit(program.main(sys.argv[3:], float(sys.argv[2])))",
  ].join("\n");
  const ran = spawnSync(
    "python3",
    ["-B", "-c", code, PROGRAM, String(now), "--config", settings, ...args],
    { encoding: "utf8" },
  );
  return { code: ran.status, output: `${ran.stdout}${ran.stderr}` };
}

describe("the backup of monitoring's data", () => {
  let root: string;
  let settings: string;
  const at = (...steps: readonly string[]): string => path.join(root, ...steps);
  const write = (file: string, content: string): void => {
    fs.mkdirSync(path.dirname(at(file)), { recursive: true });
    fs.writeFileSync(at(file), content);
  };
  const backups = (): string[] => fs.readdirSync(at("backups")).sort();
  const backup = (now: number): void => {
    const { code, output } = run(settings, now, "backup");
    assert.equal(code, 0, output);
  };

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-backup-"));
    settings = at("settings.json");
    const described = renderBackupSettings(machine("one", "10.0.0.1"), config());
    fs.writeFileSync(
      settings,
      JSON.stringify({
        ...described,
        source: at("data"),
        destination: at("backups"),
        metrics: at("textfile/backup.prom"),
        minimumFree: 0,
      }),
    );
    write("data/prometheus/01BLOCK/chunks/000001", "samples");
    write("data/prometheus/01BLOCK/meta.json", "{}");
    write("data/prometheus/wal/00000001", "being written");
    write("data/prometheus/lock", "");
    write("data/loki/chunks/fake/one", "lines");
    write("data/loki/wal/00000001", "being written");
    fs.mkdirSync(at("data/grafana"));
    spawnSync("python3", [
      "-c",
      "import sqlite3,sys; d=sqlite3.connect(sys.argv[1]); d.execute('create table t(x)'); d.execute('insert into t values(42)'); d.commit()",
      at("data/grafana/grafana.db"),
    ]);
  });

  afterEach(() => {
    fs.rmSync(root, { recursive: true });
  });

  it("holds what is complete and leaves out what is being written", () => {
    backup(NOW);
    assert.deepEqual(backups(), ["2026-08-20T033000Z"]);
    const found = fs.readdirSync(at("backups/2026-08-20T033000Z"), {
      recursive: true,
      withFileTypes: true,
    });
    const files = found
      .filter((entry) => entry.isFile())
      .map((entry) =>
        path.relative(at("backups/2026-08-20T033000Z"), path.join(entry.parentPath, entry.name)),
      )
      .sort();
    assert.deepEqual(files, [
      "grafana/grafana.db",
      "loki/chunks/fake/one",
      "prometheus/01BLOCK/chunks/000001",
      "prometheus/01BLOCK/meta.json",
    ]);
    assert.equal(
      fs.readFileSync(at("textfile/backup.prom"), "utf8").split("\n")[2],
      `vmstation_backup_timestamp_seconds{backup="monitoring"} ${NOW}`,
    );
  });

  it("takes room only for what has changed since the day before", () => {
    const chunk = "prometheus/01BLOCK/chunks/000001";
    backup(NOW);
    write("data/prometheus/01BLOCK/meta.json", '{"changed":1}');
    backup(NOW + DAY);
    const inode = (day: string, file: string): number => fs.statSync(at("backups", day, file)).ino;
    const [first, second] = ["2026-08-20T033000Z", "2026-08-21T033000Z"] as const;
    assert.equal(inode(first, chunk), inode(second, chunk));
    assert.notEqual(
      inode(first, "prometheus/01BLOCK/meta.json"),
      inode(second, "prometheus/01BLOCK/meta.json"),
    );
    assert.equal(
      fs.readFileSync(at("backups", first, "prometheus/01BLOCK/meta.json"), "utf8"),
      "{}",
    );
  });

  it("keeps seven days, and the newest however old", () => {
    for (let day = 0; day < 10; day++) backup(NOW + day * DAY);
    assert.deepEqual(backups().length, 8);
    assert.equal(backups()[0], "2026-08-22T033000Z");
    fs.rmSync(at("data/loki"), { recursive: true });
    assert.equal(run(settings, NOW + 60 * DAY, "backup").code, 1);
    assert.equal(backups().filter((name) => !name.endsWith(".partial")).length, 8);
  });

  it("clears away what a run that was cut left behind", () => {
    fs.mkdirSync(at("backups/2026-08-19T033000Z.partial/loki"), { recursive: true });
    backup(NOW);
    assert.deepEqual(backups(), ["2026-08-20T033000Z"]);
  });

  it("restores, moving aside what was there, and the database can be read", () => {
    backup(NOW);
    write("data/loki/chunks/fake/one", "damaged");
    const { code, output } = run(settings, NOW + 60, "restore", "2026-08-20T033000Z");
    assert.equal(code, 0, output);
    assert.equal(fs.readFileSync(at("data/loki/chunks/fake/one"), "utf8"), "lines");
    assert.equal(
      fs.readFileSync(at("data/loki.before-2026-08-20T033100Z/chunks/fake/one"), "utf8"),
      "damaged",
    );
    assert.ok(!fs.existsSync(at("data/prometheus/wal")));
    const read = spawnSync(
      "python3",
      [
        "-c",
        "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute('select x from t').fetchone()[0])",
        at("data/grafana/grafana.db"),
      ],
      { encoding: "utf8" },
    );
    assert.equal(read.stdout, "42\n");
    // A copy: what the pods write from now on does not reach into the backup.
    assert.equal(fs.statSync(at("data/loki/chunks/fake/one")).nlink, 1);
  });

  it("changes nothing in a dry run", () => {
    const planned = run(settings, NOW, "backup", "--dry-run");
    assert.equal(planned.output, `would write ${at("backups/2026-08-20T033000Z")}\n`);
    assert.ok(!fs.existsSync(at("backups")));
    backup(NOW);
    assert.equal(run(settings, NOW, "restore", "--dry-run", "2026-08-20T033000Z").code, 0);
    assert.deepEqual(fs.readdirSync(at("data")).sort(), ["grafana", "loki", "prometheus"]);
  });

  it("refuses an unknown backup, a missing mount, a full disk and a broken configuration", () => {
    assert.equal(run(settings, NOW, "restore", "2020-01-01T000000Z").code, 1);
    const change = (part: object): void => {
      const now: unknown = JSON.parse(fs.readFileSync(settings, "utf8"));
      fs.writeFileSync(settings, JSON.stringify(Object.assign({}, now, part)));
    };
    change({ mount: at("data") });
    assert.match(run(settings, NOW, "backup").output, /nothing is mounted at/);
    change({ mount: "", minimumFree: 1.1 });
    assert.match(run(settings, NOW, "backup").output, /make room/);
    fs.writeFileSync(settings, "{");
    assert.equal(run(settings, NOW, "list").code, 2);
  });
});

describe("the step that installs the backup", () => {
  it("brings program, settings, service and timer", () => {
    const files = renderBackupStep(machine("one", "10.0.0.1"), config()).files ?? [];
    assert.deepEqual(
      files.map(({ path: file, mode }) => [file, mode]),
      [
        ["/usr/local/bin/vmstation-backup-monitoring", "0755"],
        ["/etc/vmstation/backup-monitoring.json", undefined],
        ["/etc/systemd/system/vmstation-backup-monitoring.service", undefined],
        ["/etc/systemd/system/vmstation-backup-monitoring.timer", undefined],
      ],
    );
    assert.match(files.at(3)?.content ?? "", /^OnCalendar=\*-\*-\* 03:30:00$/m);
  });
});
