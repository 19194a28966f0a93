import * as path from "node:path";
import { runPythonTests } from "../../support/python";

/** What runs on the machines is Python; so are its tests, one file for each concern. They use the standard library alone. */
describe("the backups' programs", () => {
  it("pass their own tests", () => {
    runPythonTests(path.join(__dirname, "python"));
  }).timeout(120_000);
});
