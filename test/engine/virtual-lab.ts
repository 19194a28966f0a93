import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
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
    upByVerb: () =>
      get().lab.verb(["up", "--yes", "--skip-preview", "--target", HYPERVISOR.target[0] ?? ""]),
  };
}
