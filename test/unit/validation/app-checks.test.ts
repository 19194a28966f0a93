import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { renderInstallStep } from "../../../components/validation/validation";
import { renderSettings } from "../../../components/validation/render-settings";
import { homelabSite } from "../../support/site";
import { NOW } from "./cluster-state";
import { BATCH, batch, CHECKS, expected } from "./run-checks";

const { validation } = homelabSite().config;
const appChecks = {
  vault: { namespace: "vault", pod: "vault-0", port: 8200, unseal: "bao operator unseal" },
};

const gitops = { page: "https://argocd.int.example.org" };

/** What a group says of each state of one source, as JSON. */
function judge(group: string, source: string, ...states: readonly object[]): string[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-apps-"));
  const write = (name: string, content: string): string => {
    fs.writeFileSync(path.join(folder, name), content);
    return path.join(folder, name);
  };
  try {
    const settings = write(
      "settings.json",
      renderSettings(validation, { ...expected, appChecks, gitops }),
    );
    const runs = states.map((state, i) => [
      ...[group, "--json", "--settings", settings, "--observations"],
      write(`${i}.json`, JSON.stringify({ now: NOW, sources: { [source]: state } })),
    ]);
    const input = JSON.stringify(runs);
    const ran = spawnSync("python3", ["-B", "-c", BATCH, CHECKS], { encoding: "utf8", input });
    assert.equal(ran.status, 0, ran.stderr);
    return batch
      .parse(JSON.parse(ran.stdout))
      .map(({ report: { checks } }) => JSON.stringify(checks));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

describe("the checks of apps", () => {
  it("say that the store of secrets is sealed or has no keys, and what opens it", () => {
    const [good, sealed, fresh, silent] = judge(
      "apps",
      "vault",
      { ok: { initialized: true, sealed: false } },
      { ok: { initialized: true, sealed: true, t: 3, progress: 1 } },
      { ok: { initialized: false, sealed: true } },
      { error: "no route" },
    );
    assert.match(good ?? "", /"status":"pass"/);
    assert.match(sealed ?? "", /"fail".*1 of 3 keys given.*bao operator unseal/);
    assert.match(fresh ?? "", /"fail".*no keys yet.*bao operator init/);
    assert.match(silent ?? "", /"error".*no route/);
  });

  it("are on the control plane only where an app has some", () => {
    const files = (step: object): string => JSON.stringify(step);
    assert.doesNotMatch(files(renderInstallStep(validation, expected)), /app_vault|check_apps/);
    assert.match(files(renderInstallStep(validation, { ...expected, appChecks })), /app_vault\.py/);
  });
});

const application = (name: string, sync: string, health: string, more: object = {}) => ({
  metadata: { name },
  status: { sync: { status: sync }, health: { status: health }, ...more },
});

describe("the check of Argo CD", () => {
  it("names each Application that is not what Git says, and what differs", () => {
    const root = application("root", "Synced", "Healthy");
    const list = (...items: object[]) => ({ ok: { items } });
    const [good, differs, ill, refused, none] = judge(
      "gitops",
      "applications",
      list(root, application("mqtt", "Synced", "Healthy")),
      list(
        root,
        application("mqtt", "OutOfSync", "Healthy", {
          resources: [
            { kind: "Service", name: "mqtt", status: "Synced" },
            { kind: "Deployment", name: "mqtt", status: "OutOfSync" },
          ],
        }),
      ),
      list(root, application("mqtt", "Synced", "Degraded")),
      list(
        root,
        application("mqtt", "Unknown", "Unknown", {
          conditions: [{ type: "InvalidSpecError", message: "namespace is not permitted" }],
        }),
      ),
      list(),
    );
    assert.match(good ?? "", /"status":"pass","found":"2 in sync"/);
    assert.match(differs ?? "", /"fail".*mqtt is OutOfSync: Deployment mqtt"/);
    assert.match(ill ?? "", /"fail".*mqtt is Degraded/);
    assert.match(refused ?? "", /"fail".*mqtt is Unknown \(namespace is not permitted\)/);
    assert.match(none ?? "", /"fail".*root Application is not there/);
  });

  it("is on the control plane only where the stack has it", () => {
    const files = (step: object): string => JSON.stringify(step);
    assert.doesNotMatch(files(renderInstallStep(validation, expected)), /check_gitops/);
    assert.match(files(renderInstallStep(validation, { ...expected, gitops })), /check_gitops/);
  });
});
