import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import * as path from "node:path";
import { CHECKS, Programs, python } from "./checks-python";

describe("what the checks know of clocks", () => {
  const programs = new Programs();

  const metrics = (time: number, offset = 0, kept = 1): string =>
    "# HELP node_timex_offset_seconds Time offset in between local system and reference clock.\n" +
    `node_timex_offset_seconds ${offset}\nnode_timex_sync_status ${kept}\nnode_time_seconds ${time}\n`;

  it("compares each machine's clock with its own, less the time between two looks", () => {
    const looks = [
      metrics(1000.4),
      metrics(1002.5),
      metrics(998),
      metrics(1000.4, -0.25),
      metrics(1000.4, 0, 0),
    ].map((text) => `check_time.parse_clock(${JSON.stringify(text)}, 1000, 1000.5)`);
    const { stdout } = python(`import json, check_time; print(json.dumps([${looks.join(", ")}]))`);
    assert.deepEqual(JSON.parse(stdout), [
      { offset: 0, synchronised: true },
      { offset: 2, synchronised: true },
      { offset: -2, synchronised: true },
      { offset: -0.25, synchronised: true },
      { offset: 0, synchronised: false },
    ]);
  });

  it("finds a machine whose clock is 2 s behind, by asking its node-exporter", async () => {
    const server = http.createServer((_, response) => {
      response.end(metrics(Date.now() / 1000 - 2));
    });
    const address = "127.77.0.1";
    await new Promise<void>((resolve) => server.listen(9100, address, resolve));
    try {
      programs.add("kubectl", `echo '{"items": []}'`);
      programs.add("chronyc", "echo 'R,1,3,1.0,0.000001,0,0,0,0,0,0,0,64,Normal'");
      const settings = path.join(programs.folder, "settings.json");
      const machines = { hazel: { address, taints: [] } };
      const prometheus = "http://127.77.0.1";
      const text = JSON.stringify({ groups: ["time"], machines, prometheus, clockOffset: 1 });
      fs.writeFileSync(settings, text);
      const env = { ...process.env, PATH: `${programs.folder}:${process.env.PATH ?? ""}` };
      const child = spawn("python3", ["-B", CHECKS, "time", "--settings", settings], { env });
      let said = "";
      child.stdout.on("data", (data: Buffer) => (said += data.toString()));
      const code = await new Promise((resolve) => child.on("close", resolve));
      assert.equal(code, 1);
      assert.match(said, /^pass {3}time: control plane: -0\.000 s off$/m);
      assert.match(said, /^fail {3}time: clocks: hazel is -[12]\.\d+ s off$/m);
    } finally {
      server.close();
    }
  });

  it("reads its own clock from chrony, behind or ahead", () => {
    const tracking = (behind: string, leap: string): string =>
      `C0A80401,192.168.8.1,3,1763646000.123,${behind},0.0001,0.0002,1.5,0.01,0.2,0.01,0.02,64.2,${leap}\n`;
    const looks = [tracking("2.000000", "Normal"), tracking("-0.000004", "Not synchronised")].map(
      (text) => `check_time.parse_tracking(${JSON.stringify(text)})`,
    );
    const { stdout } = python(`import json, check_time; print(json.dumps([${looks.join(", ")}]))`);
    assert.deepEqual(JSON.parse(stdout), [
      { offset: -2, synchronised: true },
      { offset: 0.000004, synchronised: false },
    ]);
  });

  it("fails where nothing is said of a clock", () => {
    const code =
      "import json, collect, check_time\n" +
      "print(json.dumps([collect.attempt(check_time.parse_clock, 'up 1\\n', 0, 1), " +
      "collect.attempt(check_time.parse_tracking, '506 Cannot talk to daemon')]))";
    assert.deepEqual(JSON.parse(python(code).stdout), [
      { error: "node-exporter tells nothing of the clock" },
      { error: "chronyc tells nothing of the clock" },
    ]);
  });
});
