import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const APPS = path.join(__dirname, "../../../components/apps");

function run(script: string, ...words: string[]): string {
  const ran = spawnSync("sh", [path.join(APPS, script), ...words], { encoding: "utf8" });
  assert.equal(ran.status, 0, ran.stderr);
  return ran.stdout;
}

describe("the scripts that run before an app starts", () => {
  let folder: string;
  const at = (file: string): string => path.join(folder, file);
  const write = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(at(file)), { recursive: true });
    fs.writeFileSync(at(file), text);
  };
  const read = (file: string): string => fs.readFileSync(at(file), "utf8");
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-app-"));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  describe("enable-jellyfin-metrics", () => {
    const around = (inner: string): string =>
      `<?xml version="1.0"?>\n<ServerConfiguration>\n  <LogFileRetentionDays>3</LogFileRetentionDays>\n${inner}</ServerConfiguration>\n`;
    const on = "  <EnableMetrics>true</EnableMetrics>\n";

    for (const [what, inner] of [
      ["off", "  <EnableMetrics>false</EnableMetrics>\n"],
      ["not mentioned", ""],
      ["on already", on],
    ] as const) {
      it(`turns metrics on where they are ${what}, and changes nothing else`, () => {
        write("config/system.xml", around(inner));
        run("jellyfin/files/enable-jellyfin-metrics.sh", folder);
        assert.equal(read("config/system.xml"), around(on));
        run("jellyfin/files/enable-jellyfin-metrics.sh", folder);
        assert.equal(read("config/system.xml"), around(on));
        assert.deepEqual(fs.readdirSync(at("config")), ["system.xml"]);
      });
    }

    it("gives a server that has never run its first settings", () => {
      run("jellyfin/files/enable-jellyfin-metrics.sh", folder);
      assert.match(read("config/system.xml"), /<ServerConfiguration>\s+<EnableMetrics>true</);
    });
  });

  describe("leave-replicas-out", () => {
    const render = (manifest: string): string =>
      spawnSync(path.join(APPS, "frame/files/leave-replicas-out.sh"), {
        input: manifest,
        encoding: "utf8",
      }).stdout;

    it("takes an empty `replicas` out of what Helm renders, and leaves a number alone", () => {
      const around = (line: string): string => `kind: Deployment\nspec:\n${line}  selector: {}\n`;
      for (const empty of ["  replicas: \n", "  replicas:\n", "  replicas: null\n"]) {
        assert.equal(render(around(empty)), around(""));
      }
      for (const other of ["  replicas: 1\n", "  maxReplicas: \n", "  note: replicas:\n"]) {
        assert.equal(render(around(other)), around(other));
      }
    });
  });

  describe("back-up-world", () => {
    const packs = (): string[] =>
      fs.existsSync(at(".vmstation/before-update"))
        ? fs.readdirSync(at(".vmstation/before-update")).sort()
        : [];

    it("packs no world where there is none yet", () => {
      run("minecraft/files/back-up-world.sh", folder, "1.21.10");
      assert.deepEqual(packs(), []);
      assert.equal(read(".vmstation/version"), "1.21.10\n");
    });

    it("packs the world before another version opens it, and not before the same one does", () => {
      run("minecraft/files/back-up-world.sh", folder, "1.21.10");
      write("world/level.dat", "first");
      write("ops.json", "[]");
      write("plugins/mine.jar", "kept");
      for (const again of ["server.jar", "libraries/x.jar", "logs/latest.log"]) write(again, "");
      run("minecraft/files/back-up-world.sh", folder, "1.21.10");
      assert.deepEqual(packs(), []);
      run("minecraft/files/back-up-world.sh", folder, "1.21.11");
      const [pack = "", ...others] = packs();
      assert.deepEqual(others, []);
      assert.match(pack, /^\d{8}T\d{6}Z-1\.21\.10\.tar\.gz$/);
      const list = spawnSync("tar", ["-tzf", at(`.vmstation/before-update/${pack}`)], {
        encoding: "utf8",
      });
      assert.deepEqual(list.stdout.trim().split("\n").sort(), [
        "./",
        "./ops.json",
        "./plugins/",
        "./plugins/mine.jar",
        "./world/",
        "./world/level.dat",
      ]);
      run("minecraft/files/back-up-world.sh", folder, "1.21.11");
      assert.equal(packs().length, 1);
    });

    it("starts no server whose world it could not pack", () => {
      write("world/level.dat", "first");
      write(".vmstation/version", "1\n");
      // A folder where the pack belongs stands for a disk that takes no more.
      const script = `date() { echo now; }; mkdir -p '${at(".vmstation/before-update/now-1.tar.gz.partial/x")}'; set -- '${folder}' 2; . '${path.join(APPS, "minecraft/files/back-up-world.sh")}'`;
      assert.notEqual(spawnSync("sh", ["-c", script]).status, 0);
      assert.equal(read(".vmstation/version"), "1\n");
    });

    it("keeps the three youngest packs and a month's, and sweeps up after a run that was cut", () => {
      write("world/level.dat", "first");
      for (const day of ["01", "02", "03", "04"]) {
        write(`.vmstation/before-update/202601${day}T000000Z-1.tar.gz`, "");
      }
      const old = Date.now() / 1000 - 40 * 86_400;
      for (const day of ["01", "03", "04"]) {
        fs.utimesSync(at(`.vmstation/before-update/202601${day}T000000Z-1.tar.gz`), old, old);
      }
      write(".vmstation/before-update/20260105T000000Z-1.tar.gz.partial", "half");
      run("minecraft/files/back-up-world.sh", folder, "2");
      assert.deepEqual(packs().slice(0, -1), [
        "20260102T000000Z-1.tar.gz",
        "20260103T000000Z-1.tar.gz",
        "20260104T000000Z-1.tar.gz",
      ]);
      assert.match(packs().at(-1) ?? "", /-unknown\.tar\.gz$/);
    });
  });
});
