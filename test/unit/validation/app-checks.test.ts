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

/** What the group says of each state of the store: "STATUS: FOUND; ADVICE". */
function judge(...states: readonly object[]): string[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-apps-"));
  const write = (name: string, content: string): string => {
    fs.writeFileSync(path.join(folder, name), content);
    return path.join(folder, name);
  };
  try {
    const settings = write("settings.json", renderSettings(validation, { ...expected, appChecks }));
    const runs = states.map((vault, i) => [
      ...["apps", "--json", "--settings", settings, "--observations"],
      write(`${i}.json`, JSON.stringify({ now: NOW, sources: { vault } })),
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
