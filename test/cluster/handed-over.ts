import assert from "node:assert/strict";
import path from "node:path";
import { z } from "zod";
import { APPS, type AppName } from "../engine/configured-apps";
import type { EngineLab } from "../engine/engine-lab";
import { run } from "../rig/command";
import { waitFor } from "../rig/wait";
import type { TestCluster } from "./test-cluster";

const OWN_FIELDS = path.join(__dirname, "../../docs/examples/apps/own-fields.py");

const list = z.object({ items: z.array(z.unknown()) });

/** Changes what the app feed is told, as Argo CD does it with a new commit. */
export async function changeByGit(cluster: TestCluster, value: string): Promise<void> {
  const change = JSON.stringify({ data: { refresh: value } });
  const words = ["-n", "feed", "patch", "configmap", "feed", "--type=merge", "-p", change];
  await cluster.kubectl([...words, "--field-manager=argocd-controller"]);
}

/** What docs/gitops.md tells to do once an app is taken back. */
export async function forgetOthers(cluster: TestCluster, engine: EngineLab): Promise<void> {
  const state = path.join(cluster.folder, "state.json");
  const { code, output } = await engine.verb(["pulumi", "stack", "export", "--file", state]);
  assert.equal(code, 0, output);
  // A controller may write between reading and replacing, which the server then refuses: again, as the page says.
  for (const app of APPS)
    await waitFor(`the objects of ${app} to be the program's`, async () => {
      await forgetOthersOf(app, cluster, state);
      return true;
    });
}

async function forgetOthersOf(app: AppName, cluster: TestCluster, state: string): Promise<void> {
  const all = ["get", "deployment,service,configmap,secret", "-o", "json"];
  const { stdout } = await cluster.kubectl(["-n", app, ...all, "--show-managed-fields"]);
  const { stdout: input } = await run("python3", [OWN_FIELDS, state], { input: stdout });
  const { items } = list.parse(JSON.parse(input));
  // Helm applies nothing, so nothing of its own is to be kept.
  assert.equal(items.length, { board: 2, feed: 4, whoami: 0 }[app], app);
  if (items.length > 0) await cluster.kubectl(["replace", "-f", "-"], { input });
}
