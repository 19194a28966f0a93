import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** For a mocha suite that plans apps: what the program writes for its providers goes elsewhere than into the checkout. */
export function useGeneratedFolder(): void {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vmstation-generated-"));
    process.env.VMSTATION_GENERATED = folder;
  });
  after(() => {
    delete process.env.VMSTATION_GENERATED;
    rmSync(folder, { recursive: true });
  });
}
