import * as path from "node:path";
import { runPythonTests } from "../../support/python";

describe("the apps' probes", () => {
  it("pass their own tests", () => {
    runPythonTests(path.join(__dirname, "python"));
  }).timeout(60_000);
});
