import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

const FOLDER = path.join(__dirname, "python");

/** What runs on the machines is Python; so are its tests, one file for each concern. They use the standard library alone. */
describe("the backups' programs", () => {
  for (const file of fs.readdirSync(FOLDER).filter((name) => /^test_.*\.py$/.test(name))) {
    it(`hold ${path.basename(file, ".py")}`, () => {
      // What the tests print is in the error's message where one fails.
      execFileSync("python3", ["-B", "-W", "error", "-m", "unittest", "-q", file], {
        cwd: FOLDER,
        stdio: ["ignore", "pipe", "pipe"],
      });
    }).timeout(60_000);
  }
});
