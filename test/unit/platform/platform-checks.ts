import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import assert from "node:assert/strict";
import { renderSettings } from "../../../components/validation/render-settings";
import { platformChecks } from "../../../components/platform/facts";
import type { Site } from "../../../stacks/site";
import { NOW } from "../validation/cluster-state";
import { BATCH, batch, CHECKS, expected } from "../validation/run-checks";

/** What was observed: each source under its name. */
export type Observed = Readonly<Record<string, { readonly ok?: unknown; readonly error?: string }>>;

/** What `vmstation validate platform` says of each state: "NAME: STATUS: FOUND" for each check. */
export function judgePlatform(site: Site, states: readonly Observed[]): string[][] {
  assert.ok(site.platform !== undefined);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-platform-"));
  const write = (name: string, content: string): string => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, content);
    return file;
  };
  try {
    const settings = write(
      "settings.json",
      renderSettings(site.config.validation, {
        ...expected,
        platformChecks: platformChecks(site.platform),
      }),
    );
    const runs = states.map((sources, i) => [
      ...["platform", "--json", "--settings", settings, "--observations"],
      write(`${i}.json`, JSON.stringify({ now: NOW, sources })),
    ]);
    const input = JSON.stringify(runs);
    const ran = spawnSync("python3", ["-B", "-c", BATCH, CHECKS], { encoding: "utf8", input });
    assert.equal(ran.status, 0, ran.stderr);
    return batch
      .parse(JSON.parse(ran.stdout))
      .map(({ report: { checks } }) =>
        checks.map(({ name, status, found }) => `${name}: ${status}: ${found}`),
      );
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
