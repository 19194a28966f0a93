import assert from "node:assert/strict";
import { DESCRIPTION, TAG } from "../../../components/hypervisor/virtual";
import { UNREADABLE } from "../../../scripts/kit/proxmox/readably";
import { takeUp } from "../../../scripts/kit/proxmox/take-up";
import { loadProject } from "../../../scripts/kit/stack-file/project";
import { UserError } from "../../../scripts/kit/user-error";
import { AVAILABLE, NETWORKED } from "../../support/hypervisor";
import { homelabSite } from "../../support/site";

const site = homelabSite(...AVAILABLE, ...NETWORKED, [
  ["hypervisor", "pool"],
  { name: "homes", manage: true },
]);

/** Somebody else's pool ends it before the state is written. */
const THERE: Readonly<Record<string, unknown>> = {
  "/cluster/resources": [{ type: "qemu", vmid: 261, name: "spruce", node: "pve-b" }],
  "/nodes/pve-b/qemu/261/config": { description: DESCRIPTION, tags: TAG },
  "/pools": [{ poolid: "homes" }],
  "/pools?poolid=homes": [{ poolid: "homes", comment: "of somebody else" }],
};

const ask = async (unreadable?: string): Promise<{ paths: string[]; problems: string[] }> => {
  const paths: string[] = [];
  const get = (path: string): Promise<unknown> => {
    paths.push(path);
    return Promise.resolve(path === unreadable ? "<html>" : (THERE[path] ?? []));
  };
  const about = { project: loadProject(process.cwd()), stack: "green", site, resources: [] };
  return { problems: await takeUp({ get }, { ...about, onLine: () => undefined }), paths };
};

describe("an answer of Proxmox that nobody can read, before an update", () => {
  it("ends it in words, whichever it is", async () => {
    const { paths, problems } = await ask();
    assert.ok(paths.length > 4 && problems.length > 0);
    for (const path of new Set(paths))
      await assert.rejects(ask(path), new UserError(UNREADABLE), path);
  });
});
