import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { renderCertificateFolders } from "../../scripts/kit/pulumi/authority";
import { documentedRights, type Rights } from "../support/proxmox-rights";
import type { EngineLab } from "./engine-lab";
import { FakePve, TOKEN } from "./fake-pve";
import { openLab, requireProvider } from "./use-engine";

export const VIRTUAL_STACK = path.join(__dirname, "Pulumi.virtual.yaml");

/** The rights of the documents, for two hosts. */
const OF_ONE_HOST = documentedRights("The token and its rights", "ceph-pool");
export const RIGHTS = { ...OF_ONE_HOST, "/nodes/pve-b": OF_ONE_HOST["/nodes/pve-a"] ?? [] };

/** What an update of the virtual machines alone is limited to. */
export const HYPERVISOR = { target: ["**hypervisor**"] };

/** What releases of the provider up to 8.3.0 end with when they make a zone. */
export const FAULT = "interface conversion: interface {} is nil";

const paths = z.array(z.string());

type Asked = readonly [method: string, path: string, body: string];

interface VirtualLabOptions {
  /** What the token may do; else what the documents grant it for machines. */
  readonly rights?: Rights;
  /** As `--set` takes them. */
  readonly settings?: readonly string[];
  /** By what the provider knows the API: the cluster's authority, or what the configuration has alone. */
  readonly trusts?: "authority" | "nothing";
}

/** Gives a suite a stack of two virtual machines in the hands of the engine, and a fake of the API that makes them. */
export function useVirtualLab({
  rights = RIGHTS,
  settings = [],
  trusts = "authority",
}: VirtualLabOptions = {}) {
  let opened: { readonly pve: FakePve; readonly lab: EngineLab } | undefined;
  const ends: (() => void)[] = [];

  before(async function () {
    await requireProvider(this, "proxmoxve");
    const pve = await FakePve.require(this);
    const folder = mkdtempSync(path.join(tmpdir(), "vmstation-authority-"));
    ends.push(
      () => {
        rmSync(folder, { recursive: true, force: true });
      },
      () => {
        pve.stop();
      },
    );
    if (trusts === "authority") writeFileSync(path.join(folder, "ca.pem"), pve.authority);
    await pve.call("allow", rights);
    const lab = await openLab(this, {
      ...{
        stack: "virtual",
        configFile: VIRTUAL_STACK,
        program: "test/engine/program/machines.ts",
      },
      env: { SSH_AUTH_SOCK: "", SSL_CERT_DIR: renderCertificateFolders(undefined, folder) },
      settings: [
        `hypervisor.endpoint=${pve.endpoint}`,
        "remote.privateKeySecret=logInKey",
        ...settings,
      ],
    });
    ends.push(() => {
      lab.remove();
    });
    await lab.setSecret("proxmoxToken", TOKEN);
    // No machine is ever logged in to.
    await lab.setSecret("logInKey", "no key");
    opened = { pve, lab };
  });
  after(() => {
    for (const end of ends.reverse()) end();
  });

  const get = () => {
    if (opened === undefined) throw new Error("there is no engine");
    return opened;
  };
  const update = ["up", "--yes", "--skip-preview", "--target", HYPERVISOR.target[0] ?? ""] as const;
  return {
    pve: () => get().pve,
    lab: () => get().lab,
    /** What has changed something in Proxmox since the last look. */
    asked: async () => (await get().pve.call("asked")) as readonly Asked[],
    /** That neither a second look nor one after a refresh would change anything, and that nothing was changed. */
    assertSettled: async () => {
      const { lab, pve } = get();
      for (const look of [1, 2]) {
        if (look === 2) assert.ok((await lab.refresh(HYPERVISOR)).ok);
        const again = await lab.up({ ...HYPERVISOR, expectNoChanges: true });
        assert.ok(again.ok, again.output);
      }
      assert.deepEqual(await pve.call("asked"), []);
    },
    upByVerb: () => get().lab.verb(update),
    /**
     * Kills all of an update, of Pulumi's own or of ours, once Proxmox has got these requests, none of which it has begun to
     * do. Resolves to false where the provider ends by itself before, as one with the fault of FAULT does.
     */
    cutAt: async (
      requests: readonly (readonly [method: string, end: string])[],
      by: "pulumi" | "vmstation" = "pulumi",
    ): Promise<boolean> => {
      const { lab, pve } = get();
      await pve.call("hush", requests);
      const child =
        by === "pulumi"
          ? lab.start("up", "--yes", "--skip-preview", "--continue-on-error")
          : lab.startVerb(...update);
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => (said += text));
      const closed = once(child, "close");
      while (paths.parse(await pve.call("came")).length < requests.length) {
        if (said.includes(FAULT)) break;
        assert.equal(child.exitCode, null, said);
      }
      assert.ok(child.pid !== undefined);
      process.kill(-child.pid, "SIGKILL");
      await closed;
      killIn(lab.folder);
      await pve.call("hush", []);
      return !said.includes(FAULT);
    },
  };
}

/** The engine's providers are in process groups of their own, and outlive it. */
function killIn(folder: string): void {
  for (const name of readdirSync("/proc").filter((each) => /^\d+$/.test(each)))
    try {
      if (readlinkSync(`/proc/${name}/cwd`) === folder) process.kill(Number(name), "SIGKILL");
    } catch {
      // It has ended meanwhile, or is somebody else's.
    }
}
