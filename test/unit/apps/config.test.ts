import assert from "node:assert/strict";
import * as fc from "fast-check";
import { appsSchema } from "../../../components/apps/config";

const jellyfin = { machine: "spruce" };
const minecraft = { machine: "maple", eula: true };

/** Each error's path and what it accepts. */
function errors(config: unknown): string[] {
  const parsed = appsSchema.safeParse(config);
  return (parsed.error?.issues ?? []).map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}

describe("the apps' configuration", () => {
  it("deploys nothing that is not named", () => {
    const apps = appsSchema.parse({});
    assert.deepEqual([apps.jellyfin, apps.minecraft], [undefined, undefined]);
  });

  it("has the owner's values as defaults", () => {
    const apps = appsSchema.parse({ jellyfin });
    assert.deepEqual(apps.quota, {
      requests: { cpu: "4", memory: 8 * 2 ** 30 },
      limits: { cpu: "8", memory: 16 * 2 ** 30 },
      pods: 20,
    });
    assert.deepEqual(
      { ...apps.jellyfin, config: apps.jellyfin?.config.path, media: apps.jellyfin?.media.path },
      {
        machine: "spruce",
        nodePort: 30_096,
        tlsNodePort: 30_920,
        config: "/var/lib/jellyfin",
        name: "Jellyfin",
        discovery: true,
        cacheSize: 10 * 2 ** 30,
        media: "/srv/media",
        uid: 1000,
        resources: {
          requests: { cpu: "2", memory: 2 ** 30 },
          limits: { cpu: "6", memory: 3 * 2 ** 30 },
        },
      },
    );
  });

  for (const eula of [undefined, false, "yes"]) {
    it(`refuses Minecraft whose eula is ${eula}, naming the key and what it means`, () => {
      const [error, ...others] = errors({ minecraft: { ...minecraft, eula } });
      assert.deepEqual(others, []);
      assert.match(error ?? "", /^minecraft\.eula: true, once you have read .* and accept it$/);
    });
  }

  const refused: [string, unknown, string[]][] = [
    [
      "requests above the quota",
      { jellyfin: { ...jellyfin, resources: { requests: { cpu: 5 } } } },
      ["jellyfin.resources.requests.cpu: at most apps.quota.requests.cpu, 4"],
    ],
    [
      "limits above the quota",
      { quota: { limits: { memory: "2Gi" } }, jellyfin },
      ["jellyfin.resources.limits.memory: at most apps.quota.limits.memory, 2Gi"],
    ],
    [
      "a limit below its request",
      { minecraft: { ...minecraft, resources: { limits: { cpu: "500m", memory: "1Gi" } } } },
      [
        "minecraft.resources.limits.cpu: at least what is requested, 1",
        "minecraft.resources.limits.memory: at least what is requested, 2Gi",
      ],
    ],
    [
      "one NodePort for both of Jellyfin's ports",
      { jellyfin: { ...jellyfin, nodePort: 30_920 } },
      ["jellyfin.tlsNodePort: a NodePort other than apps.jellyfin.nodePort"],
    ],
    [
      "a version that YAML made a number",
      { minecraft: { ...minecraft, version: 1.21 } },
      ["minecraft.version: a version such as 1.21.11 (quoted in YAML)"],
    ],
    [
      "root as the user",
      { jellyfin: { ...jellyfin, uid: 0 } },
      ["jellyfin.uid: a user id, 1 to 65533: an app never runs as root"],
    ],
  ];
  for (const [what, config, expected] of refused) {
    it(`refuses ${what}`, () => {
      assert.deepEqual(errors(config), expected);
    });
  }

  it("never throws, no matter what is written under an app", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        appsSchema.safeParse({ jellyfin: a, minecraft: b });
      }),
      { numRuns: 200 },
    );
  });
});
