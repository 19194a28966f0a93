import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import type { ExportConfig } from "../../../components/node/config";
import { renderExports } from "../../../components/node/storage-step";
import { readScript } from "../../../components/remote/step";
import { absolutePath } from "../../../components/shared/scalars";
import { checkConfig } from "../../../stacks/check";
import { changedHomelab } from "../../support/homelab";
import { generate } from "../../support/cases";

const STORAGE = readScript(__dirname, "../../../components/node/files/storage.sh");

/** What `script` says in a mount namespace of its own, as root; undefined where none can be had. */
function inNamespace(script: string, input = ""): string | undefined {
  const ran = spawnSync("unshare", ["--mount", "sh", "-euc", script], { input, encoding: "utf8" });
  if (ran.error !== undefined) return undefined;
  return ran.stdout + ran.stderr;
}

const names = fc
  .string({
    unit: fc.constantFrom("a", "Z", "9", "_", "@", "%", "+", "=", ":", ",", ".", "-"),
    minLength: 1,
    maxLength: 20,
  })
  .filter((name) => absolutePath.safeParse(`/${name}`).success);

describe("what is written for another program", () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-read-"));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  it("is read by exportfs as intended, and listed by it as the drift check expects", function () {
    if (inNamespace("exportfs -s >/dev/null && mount -t tmpfs none /mnt && echo yes") !== "yes\n") {
      console.log("    skipped: no exportfs, or no mount namespace");
      this.skip();
    }
    const clients = fc.uniqueArray(
      fc.constantFrom("192.168.8.0/24", "192.168.8.62/32", "10.0.0.0/8", "172.16.0.0/12"),
      { minLength: 1 },
    );
    const one = fc.record({ readOnly: fc.boolean(), clients });
    const { cases, seed } = generate(fc.dictionary(names, one, { minKeys: 1, maxKeys: 30 }), 3);
    for (const config of cases) {
      const exports: Record<string, ExportConfig> = Object.fromEntries(
        Object.entries(config).map(([name, value]) => [path.join(folder, name), value]),
      );
      for (const each of Object.keys(exports)) fs.mkdirSync(each, { recursive: true });
      const text = renderExports(exports, "192.168.8.0/24");
      const file = path.join(os.tmpdir(), `${path.basename(folder)}.exports`);
      fs.writeFileSync(file, text);
      const said = inNamespace(`${STORAGE.replace(/^step\(\)[^]*$/m, "")}
        mount -t tmpfs none /var/lib/nfs
        mkdir -p /etc/exports.d
        mount -t tmpfs none /etc/exports.d
        cp '${file}' /etc/exports.d/vmstation.exports
        exportfs -ra 2>&1
        list_exports </etc/exports.d/vmstation.exports >/var/lib/nfs/described
        exportfs -s | list_exports | diff /var/lib/nfs/described - || :
        wc -l </var/lib/nfs/described`);
      fs.rmSync(file);
      const count = Object.values(exports).reduce(
        (sum, each) => sum + (each.clients?.length ?? 0),
        0,
      );
      assert.equal(said?.trim(), String(count), `seed ${seed}:\n${text}`);
    }
  });

  it("is found in fstab where findmnt finds it, however it is written there", function () {
    if (spawnSync("findmnt", ["--version"]).status !== 0) {
      console.log("    skipped: no findmnt on the PATH");
      this.skip();
    }
    const points = fc.constantFrom(
      "/srv/media",
      "/srv/a%b",
      "/srv",
      "/mnt/x-y",
      "/srv/media/films",
    );
    const written = fc
      .tuple(points, fc.constantFrom("", "/", "//", "octal", "double"))
      .map(([point, how]) => {
        if (how === "octal") return point.replace("a", "\\141").replace("/m", "/\\155");
        return how === "double"
          ? point.replace("/", "//").replace(/(.)\//, "$1//")
          : `${point}${how}`;
      });
    const line = fc
      .tuple(fc.constantFrom("", " ", "\t", "#", " # "), written, fc.constantFrom(" ", "\t\t"))
      .map(([lead, target, gap]) => `${lead}/dev/sdb1${gap}${target}${gap}ext4 defaults 0 0`);
    const files = fc.tuple(fc.array(line, { maxLength: 3 }), points);
    const { cases, seed } = generate(files, 60);
    const asked = cases.map(([lines, point], i) => {
      const fstab = path.join(folder, `fstab-${i}`);
      fs.writeFileSync(fstab, lines.map((each) => `${each}\n`).join(""));
      const { status } = spawnSync("findmnt", ["--tab-file", fstab, "-no", "TARGET", point]);
      return { fstab, point, real: status === 0 ? "found" : "none", lines };
    });
    const script = `${STORAGE.replaceAll("/etc/fstab", '"$FSTAB"').replace(/^step\(\)[^]*$/m, "")}
      while read -r FSTAB point; do if in_fstab "$point"; then echo found; else echo none; fi; done`;
    const input = asked.map(({ fstab, point }) => `${fstab} ${point}\n`).join("");
    const ours = spawnSync("sh", ["-euc", script], { input, encoding: "utf8" });
    const answers = ours.stdout.split("\n");
    for (const [i, { point, real, lines }] of asked.entries()) {
      const hint = `seed ${seed}: ${point} in\n${lines.join("\n")}${ours.stderr}`;
      assert.equal(answers[i], real, hint);
    }
  });

  it("is looked up by glibc under the name that a machine has", function () {
    if (inNamespace("mount --bind /etc/hostname /etc/hosts && echo yes") !== "yes\n") {
      console.log("    skipped: no mount namespace");
      this.skip();
    }
    const labels = fc.oneof(
      fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,4}[a-z0-9])?$/),
      fc.stringMatching(/^(0x)?[0-9a-f]{1,6}$/),
      fc.constantFrom("localhost", "ip6-localhost", "nas", "node-1"),
    );
    const { cases, seed } = generate(labels, 150);
    const accepted = [...new Set(cases)].filter((name) => {
      const { problems } = checkConfig(changedHomelab([["machines", name], NEW_MACHINE]));
      return !problems.some(({ path: at }) => at === `machines.${name}`);
    });
    const hosts = path.join(folder, "hosts");
    const own = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n";
    const lines = accepted.map((name) => `192.168.8.77 ${name}.home.lan ${name}\n`);
    fs.writeFileSync(hosts, own + lines.join(""));
    const said = inNamespace(
      `mount --bind '${hosts}' /etc/hosts
      while read -r name; do getent ahostsv4 "$name" | { read -r address _ && echo "$name $address"; } || echo "$name none"; done`,
      accepted.map((name) => `${name}\n`).join(""),
    );
    assert.deepEqual(
      said?.trim().split("\n"),
      accepted.map((name) => `${name} 192.168.8.77`),
      `seed ${seed}`,
    );
  });
});

const NEW_MACHINE = {
  ...{ address: "192.168.8.77", nic: "eno1", os: "debian-12", roles: ["worker"] },
  ...{ sshUser: "ann", dns: ["1.1.1.1"], power: { mode: "always-on" } },
};
