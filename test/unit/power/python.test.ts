import * as path from "node:path";
import { runPythonTests } from "../../support/python";

/** The controller is Python; so are its tests, one file for each concern. They use the standard library alone. */
describe("the power controller", () => {
  it("passes its own tests", () => {
    runPythonTests(path.join(__dirname, "python"));
  }).timeout(120_000);
});
