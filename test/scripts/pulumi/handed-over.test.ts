import assert from "node:assert/strict";
import { Apps } from "../../../components/apps/apps";
import type { Handover } from "../../../components/apps/frame/hosted-app";
import { findUnprepared, listUnprepared } from "../../../scripts/kit/pulumi/handed-over";
import { requireTodaysState } from "../../../scripts/kit/pulumi/require-today";
import { UserError } from "../../../scripts/kit/user-error";
import { controllerOf } from "../../../stacks/site";
import { withConfigured, withIngress } from "../../support/fixtures/apps/configured/apps";
import { useGeneratedFolder } from "../../support/generated";
import type { Change } from "../../support/homelab";
import { type Recorded, recordGraph } from "../../support/mocks";
import { homelabSite } from "../../support/site";

/** Each app that there is: on a machine that sleeps, behind a name, with metrics, in each kind of an app's own. */
const APPS: readonly Change[] = [
  ...withIngress,
  [
    ["platform", "tunnel"],
    { accountId: "a".repeat(32), zoneId: "b".repeat(32), tokenSecret: "tunnelToken" },
  ],
  ...withConfigured,
  [["apps", "jellyfin", "host"], "films"],
  [["apps", "feed", "metrics"], { port: "http" }],
  [["apps", "minecraft"], { machine: "hazel", eula: true }],
  [
    ["apps", "vaultwarden"],
    {
      ...{ machine: "maple", host: "passwords", access: "public" },
      ...{ adminHost: "passwords-admin", adminTokenSecret: "vaultwardenAdmin" },
    },
  ],
  [["apps", "vault"], { machine: "maple", host: "vault" }],
  [["apps", "homepage"], { machine: "maple", host: "home" }],
];

/** What the engine notes of what the program registers. */
function renderState(graph: readonly Recorded[]) {
  const urnOf = ({ type, name }: Recorded): string =>
    `urn:pulumi:home::vmstation::${type}::${name}`;
  const urns = new Map(graph.map((each) => [each.name, urnOf(each)]));
  return graph.map((each) => {
    const { type, custom, retainOnDelete } = each;
    const parent = urns.get(each.parent);
    return { urn: urnOf(each), type, custom, retainOnDelete, ...(parent && { parent }) };
  });
}

type State = ReturnType<typeof renderState>;

/** What Kustomize's component makes, which the program does not name. */
const IN_FOLDER = {
  urn: "urn:pulumi:home::vmstation::kubernetes:apps/v1:Deployment::apps-board:board/board",
  ...{ type: "kubernetes:apps/v1:Deployment", custom: true, retainOnDelete: false },
  parent: "urn:pulumi:home::vmstation::kubernetes:kustomize/v2:Directory::apps-board-folder",
};

describe("an app that is handed over to Git without being prepared", () => {
  const site = homelabSite(...APPS);
  const names = site.apps.map(({ name }) => name);
  useGeneratedFolder();
  let plain: State;

  async function record(step: Handover | undefined): Promise<State> {
    const handover = Object.fromEntries(names.map((name) => [name, step]));
    const args = {
      ...{ plans: site.apps, config: site.config.apps, machines: site.machines, monitored: true },
      ...{ controller: controllerOf(site), handover, ingress: site.platform?.offers.ingress },
      ...{ access: { settings: site.config.remote }, secrets: () => undefined },
    };
    return renderState(
      await recordGraph(
        () => new Apps("apps", args, {}),
        () => ({}),
      ),
    );
  }

  before(async () => {
    plain = await record(undefined);
  });

  const refuse = (state: State, step: string, apps = names): string[] => {
    const all = Object.fromEntries(apps.map((name) => [name, step]));
    const config = new Map([["vmstation:gitops", { apps: all }]]);
    return findUnprepared(state, { config, project: "vmstation", stack: "home" });
  };

  it("is known by exactly what an update would delete, of every app", async () => {
    const kept = new Set((await record("handed-over")).map(({ urn }) => urn));
    for (const app of names) {
      const lost = plain.filter(
        ({ urn, custom, type, parent }) =>
          custom &&
          type.startsWith("kubernetes:") &&
          !kept.has(urn) &&
          parent?.endsWith(`::apps-${app}`),
      );
      const found = listUnprepared(plain, app);
      assert.deepEqual(
        found,
        lost.map(({ urn }) => urn.split("::").at(-1)),
      );
      if (app !== "board") assert.ok(found.length > 0, app);
    }
    assert.ok(names.length >= 8, names.join());
  });

  it("is one where its objects are those of a folder, whose names no program tells", () => {
    assert.deepEqual(listUnprepared([...plain, IN_FOLDER], "board"), ["apps-board:board/board"]);
    const kept = { ...IN_FOLDER, retainOnDelete: true };
    assert.deepEqual(listUnprepared([...plain, kept], "board"), []);
  });

  it("is refused with the key, what would be deleted, and the way", () => {
    const [text = "", ...others] = refuse(plain, "handed-over", ["feed"]);
    assert.deepEqual(others, []);
    assert.match(
      text,
      /^gitops\.apps\.feed is handed-over, but no update has prepared it: apps-feed-secret-feed, .* and 1 more would be deleted from the cluster\. Write prepared instead/,
    );
    assert.match(text, /\n {2}npx vmstation up --stack home$/);
  });

  it("stops what would change the stack, and nothing was changed then", async () => {
    const session = { env: {}, hasOwnBackend: true, readState: () => ({ resources: plain }) };
    const config = new Map([["vmstation:gitops", { apps: { jellyfin: "handed-over" } }]]);
    const wanted = { config, project: "vmstation" };
    const args = { cli: "/no/cli", folder: "/", stack: "home", session };
    await assert.rejects(requireTodaysState({ ...args, wanted }), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /^gitops\.apps\.jellyfin is [^]*\nNothing was changed\.$/);
      return true;
    });
    await requireTodaysState({ ...args, destroys: true });
  });

  it("is none once it is prepared, before it was ever there, and at any other step", async () => {
    assert.deepEqual(refuse(await record("prepared"), "handed-over"), []);
    assert.deepEqual(refuse(await record("handed-over"), "handed-over"), []);
    assert.deepEqual(refuse([], "handed-over"), []);
    for (const step of ["prepared", "taken-back"]) assert.deepEqual(refuse(plain, step), []);
    const none = findUnprepared(plain, { config: new Map(), project: "vmstation", stack: "home" });
    assert.deepEqual(none, []);
  });
});
