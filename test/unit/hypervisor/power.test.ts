import assert from "node:assert/strict";
import { powerSchema } from "../../../components/power/config";
import { isSleeper, type Sleeper } from "../../../components/power/names";
import { renderAgentSettings } from "../../../components/power/render-machine";
import { renderSettings } from "../../../components/power/render-settings";
import { agentStep } from "../../../components/power/steps";
import { listSecrets } from "../../../components/power/ways/ways";
import { HOST_ASLEEP, HYPERVISOR } from "../../support/hypervisor";
import type { Change } from "../../support/homelab";
import { homelabSite } from "../../support/site";

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
const config = powerSchema.parse({});

function spruceOf(...changes: readonly Change[]): { spruce: Sleeper; settings: unknown } {
  const site = homelabSite(...HOST_ASLEEP, ...changes);
  const sleepers: Sleeper[] = site.machines.filter(isSleeper);
  const spruce = sleepers.find(({ name }) => name === "spruce");
  assert.ok(spruce !== undefined);
  const { lan } = site.config;
  const text = renderSettings({ config, lan, sleepers: [spruce], apps: [], hasSecret: () => true });
  const parsed = JSON.parse(text) as { machines: [{ proxmox: unknown; mac: unknown }] };
  return { spruce, settings: parsed.machines[0] };
}

describe("a virtual machine that sleeps", () => {
  it("is woken by the API, for which the controller has what it takes and no more", () => {
    const { settings, spruce } = spruceOf([["hypervisor", "certificateAuthority"], PEM]);
    assert.deepEqual(Reflect.get(Object(settings), "proxmox"), {
      id: 261,
      host: "pve-b",
      // The configured one first, and those that sleep last.
      endpoints: [HYPERVISOR.endpoint, "https://192.168.8.35:8006", "https://192.168.8.34:8006"],
      certificateAuthority: PEM,
      hosts: { "pve-b": "02:00:00:00:08:34" },
      storage: "ceph-pool",
      tokenFile: "/etc/vmstation/power/proxmox-spruce",
    });
    assert.equal(Reflect.get(Object(settings), "mac"), undefined);
    assert.deepEqual(
      listSecrets([spruce]).map(({ name }) => name),
      ["proxmoxPowerToken"],
    );
  });

  it("is asked for at the configured address alone where a certificate may hold no other", () => {
    const { spruce } = spruceOf();
    assert.deepEqual(spruce.hosted?.endpoints, [HYPERVISOR.endpoint]);
  });

  it("arms no network card and no clock, which stand still while it is off", () => {
    const { spruce } = spruceOf();
    assert.equal(
      Reflect.get(Object(JSON.parse(renderAgentSettings(spruce, config))), "mac"),
      undefined,
    );
    const step = agentStep(spruce, config, 6443);
    assert.equal(step.settings?.MAC, "");
    assert.deepEqual(
      (step.files ?? []).filter(({ path }) => path.endsWith(".link")),
      [],
    );
  });
});
