import { execFileSync } from "node:child_process";
import path from "node:path";
import * as fc from "fast-check";
import { renderDiscoveryStep } from "../../../components/apps/jellyfin/discovery";
import * as backup from "../../../components/backup/render-settings";
import type { MountConfig } from "../../../components/node/config";
import { storageStep } from "../../../components/node/storage-step";
import * as power from "../../../components/power/render-units";
import type { AdvertisedPort } from "../../../components/power/types";
import { readScript, type Step } from "../../../components/remote/step";
import { absolutePath } from "../../../components/shared/scalars";
import { nodeContextOf } from "../../../stacks/node-context";
import { generate } from "../../support/cases";
import { homelabSite } from "../../support/site";
import { addUnit, type Units } from "../../support/units";

const seconds = fc.integer({ min: 0, max: 10 ** 9 });

const part = fc
  .string({
    // Not ":", by which verify itself takes a file's name apart.
    unit: fc.constantFrom("a", "Z", "9", "_", "@", "%", "+", "=", ",", ".", "-"),
    minLength: 1,
    maxLength: 8,
  })
  .map((text) => text.replace(/^\.+$/, "dots"));

const point = fc
  .array(part, { minLength: 1, maxLength: 3 })
  .map((parts) => `/srv/${parts.join("/")}`)
  .filter((text) => absolutePath.safeParse(text).success);

const mount: fc.Arbitrary<MountConfig> = fc.record(
  {
    source: fc.oneof(
      point.map((name) => ({ device: `/dev/disk/by-id${name}` })),
      fc.constantFrom({ label: "media" }, { uuid: "1234-ABCD" }),
      point.map((name) => ({ nfs: { server: "192.168.8.61", path: name } })),
    ),
    options: fc.subarray(["ro", "nodev", "x-systemd.growfs", "subvol=/a@b", "uid=1000"]),
    deviceTimeout: seconds,
    idleTimeout: seconds,
  },
  { requiredKeys: ["source", "options"] },
);

const two = (max: number) =>
  fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, "0"));
const schedule = fc
  .tuple(fc.constantFrom("", "Sun ", "Mon..Fri ", "*-*-* ", "*-*-1,15 "), two(23), two(59))
  .map(([days, hours, minutes]) => `${days}${hours}:${minutes}`);

const configuration = fc.record({
  point,
  mount,
  schedule,
  checkEvery: seconds,
  firstCheckAfterBoot: seconds,
  ports: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 5 }),
  // The schema's own pattern.
  jellyfin: fc.stringMatching(/^[\w .-]{1,40}$/),
});

const advertise = (port: number): AdvertisedPort => ({
  ...{ port, servicePort: 80, speaks: "http" },
});

/** Adds the units of generated settings; the seed gives the same ones again. */
export function addGeneratedUnits(units: Units): { seed: number } {
  const { cases, seed } = generate(configuration, 40);
  for (const one of cases) {
    const apps = [{ advertised: one.ports.map(advertise) }];
    addUnit(units, "vmstation-autosleep.timer", power.renderTimer(one));
    addUnit(units, "vmstation-connect.socket", power.renderSocket(apps));
    addUnit(units, "vmstation-backup-check.timer", backup.renderTimer(one.schedule, "Checks"));
    addStep(units, renderDiscoveryStep(one.jellyfin, "http://192.168.8.62:30096"));
  }
  const [machine] = nodeContextOf(homelabSite()).machines;
  if (machine === undefined) throw new Error("the homelab has no machine");
  const mounts = Object.fromEntries(cases.map((one) => [one.point, one.mount]));
  addStep(units, storageStep({ ...machine, mounts, exports: {} }, nodeContextOf(homelabSite())));
  return { seed };
}

/** A drop-in can have one text: of two mounts of the same disk the first one's is taken. */
function addStep(units: Units, { files = [] }: Step): void {
  for (const { path: file, content } of files) {
    const [, name] = /^\/etc\/systemd\/system\/(.+)$/.exec(file) ?? [];
    if (name === undefined || (name.includes("/") && units.has(name))) continue;
    addUnit(units, name, content);
  }
}

/** The unit that guard.sh writes by itself on the machine. */
export function readBootUnit(): string {
  const script = readScript(path.join(__dirname, "../../../components/remote"), "files/guard.sh");
  const [, body = ""] = /<<UNIT\n([\s\S]*?\n)UNIT\n/.exec(script) ?? [];
  const write = `STATE=/var/lib/vmstation; cat <<UNIT\n${body}UNIT\n`;
  return execFileSync("sh", ["-euc", write], { encoding: "utf8" });
}
