import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { nodeSteps } from "../../../components/node/steps";
import { checkConfig } from "../../../stacks/check";
import { nodeContextOf } from "../../../stacks/node-context";
import { renderStdin } from "../../../components/remote/render-stdin";
import type { ApplyArgs, ApplyResult } from "../engine/apply";
import type { Machine } from "../machine";
import type { Rig } from "../rig";
import { useRig } from "../use-rig";
import { waitFor } from "../wait";
import { assertApplied, explain, Lab } from "./lab";

const ONE: Partial<ApplyArgs> = { target: (urn) => /:Preflight|::node-hazel/.test(urn) };

/** The step that a change is confirmed by, as it is for a configuration with that value. */
function confirmFor(maxAuthTries: number): string {
  const file = parse(readFileSync(path.join(__dirname, "../Pulumi.rig.yaml"), "utf8")) as unknown;
  const { config } = z.object({ config: z.record(z.string(), z.unknown()) }).parse(file);
  const values = Object.fromEntries(
    Object.entries(config).map(([k, v]) => [k.replace("vmstation:", ""), v]),
  );
  const node = z.record(z.string(), z.unknown()).parse(values.node);
  const { site } = checkConfig({
    values: { ...values, node: { ...node, sshd: { maxAuthTries } } },
    secretKeys: [],
  });
  const machine = site?.machines.find((m) => m.name === "hazel");
  assert.ok(site && machine);
  const step = nodeSteps(machine, nodeContextOf(site)).find((s) => s.name === "confirm");
  assert.ok(step);
  return renderStdin(step, { machine: "hazel", lockSeconds: 30 });
}

describe("a change of firewall or sshd that nobody confirmed", () => {
  const getRig = useRig();
  let rig: Rig;
  let lab: Lab;
  let machine: Machine;

  const sh = async (command: string): Promise<string> =>
    (await machine.exec(command)).stdout.trim();
  const maxAuthTries = (): Promise<string> => sh("sshd -T | sed -n 's/^maxauthtries //p'");
  const up = (settings: readonly string[], more: Partial<ApplyArgs> = {}): Promise<ApplyResult> =>
    lab.up(settings, { ...ONE, ...more });

  /** Applies, and cuts the connection as soon as the text is seen, so that nothing confirms the change. */
  const upCutAt = async (seen: string, settings: readonly string[]): Promise<void> => {
    let cut: Promise<unknown> | undefined;
    const result = await up(settings, {
      onOutput: (text) => {
        if (text.includes(seen)) cut ??= machine.exec("pkill -KILL -f '^sshd: ops'");
      },
    });
    await cut;
    assert.notDeepEqual(result.names("fail"), [], explain(result, lab));
    await waitFor(
      "the step to end",
      async () => (await sh("pgrep -fc '^sh -eus' || true")) === "0",
    );
  };

  /** What the timer does when its two minutes are over. */
  const runOut = (guard: string): Promise<unknown> =>
    machine.exec(`systemctl start --wait vmstation-guard-${guard}.service`);

  before(async function () {
    this.timeout(300_000);
    rig = getRig();
    lab = new Lab(rig);
    machine = rig.machine("hazel");
    const result = await up([]);
    assertApplied(result, lab);
  });

  after(() => {
    lab.remove();
  });

  it("goes back to what was last confirmed, however many changes there were since", async () => {
    assert.equal(await maxAuthTries(), "6");
    await upCutAt("sshd: changing", ["node.sshd.maxAuthTries=4"]);
    await runOut("sshd");
    assert.equal(await maxAuthTries(), "6");
    await upCutAt("sshd: changing", ["node.sshd.maxAuthTries=5"]);
    assert.equal(await maxAuthTries(), "5");
    await runOut("sshd");
    assert.equal(await maxAuthTries(), "6");
  });

  it("is made again by the next run, and stays once that has a new connection", async () => {
    const result = await up(["node.sshd.maxAuthTries=5"]);
    assertApplied(result, lab);
    assert.equal(await maxAuthTries(), "5");
    assert.equal(await sh("ls -A /var/lib/vmstation/guard"), "");
    assert.equal(await sh("systemctl list-timers --all --no-legend 'vmstation-guard*'"), "");
    assert.equal(
      await sh("ls /etc/systemd/system/vmstation-guard.service 2>/dev/null || echo none"),
      "none",
    );
  });

  it("is undone by switching the machine off and on", async () => {
    await upCutAt("sshd: changing", ["node.sshd.maxAuthTries=4"]);
    assert.equal(await maxAuthTries(), "4");
    await machine.powerOff();
    await machine.boot();
    assert.equal(await maxAuthTries(), "5");
    assert.equal((await rig.ssh(machine, "sudo -n true")).code, 0);
    // The configuration goes back to what is in force: nothing is left to make again.
    await rig.ssh(machine, "sudo -n sh -eus apply", { input: confirmFor(5) });
    assert.equal(await sh("ls -A /var/lib/vmstation/guard"), "");
    assert.equal(await maxAuthTries(), "5");
  });

  it("is not confirmed by a connection that was there before the change", async () => {
    const early = rig.ssh(
      machine,
      "until [ -e /tmp/visit ]; do sleep 0.1; done; sudo -n sh -eus apply </tmp/visit",
      { anyCode: true },
    );
    await waitFor(
      "the early connection",
      async () => (await sh("pgrep -fc 'until .*visit' || true")) !== "0",
    );
    const armed = await up(["node.sshd.maxAuthTries=4"], {
      target: (urn) => /:Preflight|::node-hazel(-access)?$/.test(urn),
    });
    assertApplied(armed, lab);
    const visitor = confirmFor(4);
    await machine.exec("cat > /tmp/visit.new && mv /tmp/visit.new /tmp/visit", { input: visitor });
    assert.equal((await early).code, 0);
    assert.equal(
      await sh("ls /var/lib/vmstation/guard/sshd/armed"),
      "/var/lib/vmstation/guard/sshd/armed",
    );
    const visit = await rig.ssh(machine, "sudo -n sh -eus apply", { input: visitor });
    assert.match(visit.stderr, /a new connection works: the change of sshd stays/);
    assert.equal(await sh("ls -A /var/lib/vmstation/guard"), "");
  });

  it("is refused after it was undone twice, by every run until the configuration changes", async () => {
    await upCutAt("sshd: changing", ["node.sshd.maxAuthTries=7"]);
    await runOut("sshd");
    await rig.ssh(machine, "sudo -n sh -eus apply", { input: confirmFor(7) });
    assert.equal(await maxAuthTries(), "7");
    await runOut("sshd");
    for (const attempt of ["once", "again"]) {
      const refused = await rig.ssh(machine, "sudo -n sh -eus apply", {
        input: confirmFor(7),
        anyCode: true,
      });
      assert.equal(refused.code, 1, attempt);
      assert.match(refused.stderr, /the change of sshd was undone twice[^]*to do: /);
    }
    assert.equal(await maxAuthTries(), "4");
    const mended = await up(["node.sshd.maxAuthTries=8"]);
    assertApplied(mended, lab);
    assert.equal(await maxAuthTries(), "8");
  });

  it("of the first firewall brings back the firewall that was there before", async () => {
    await machine.reset();
    await machine.exec(
      "apt-get -qq update && apt-get -qq install -y ufw >/dev/null 2>&1 && systemctl enable -q --now ufw",
    );
    const fresh = new Lab(rig);
    let cut: Promise<unknown> | undefined;
    await fresh.up([], {
      ...ONE,
      onOutput: (text) => {
        if (text.includes("firewall: changing ufw.service"))
          cut ??= machine.exec("pkill -KILL -f '^sshd: ops'");
      },
    });
    await cut;
    await waitFor(
      "the step to end",
      async () => (await sh("pgrep -fc '^sh -eus' || true")) === "0",
    );
    await runOut("firewall");
    assert.equal(await sh("systemctl is-active ufw"), "active");
    assert.equal(
      await sh("systemctl is-enabled vmstation-firewall 2>/dev/null || true"),
      "disabled",
    );
    assert.doesNotMatch(await sh("nft list tables"), /vmstation/);
    const result = await fresh.up([], ONE);
    assertApplied(result, fresh);
    assert.match(await sh("nft list tables"), /inet vmstation/);
    assert.equal(await sh("systemctl is-active ufw || true"), "inactive");
    fresh.remove();
  });
});
