import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { ENTRIES } from "../../../components/power/steps";
import { POWER_MODULES, renderImportPath } from "../../support/python";

const FILES = path.join(__dirname, "../../../components/power/files");
const run = promisify(execFile);

/** A folder with programs that stand in for the real ones; gone after the test. */
class Tools {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "power-entries-"));

  program(name: string, text: string): string {
    const file = path.join(this.folder, name);
    fs.writeFileSync(file, text, { mode: 0o755 });
    return file;
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true });
  }
}

describe("the power entries", () => {
  let tools: Tools;
  beforeEach(() => {
    tools = new Tools();
  });
  afterEach(() => {
    tools.remove();
  });

  for (const verb of [...ENTRIES, "connect"]) {
    it(`vmstation-${verb}.sh runs its verb with all arguments`, () => {
      const entry = tools.program(
        `vmstation-${verb}.sh`,
        fs.readFileSync(path.join(FILES, "entry.sh"), "utf8"),
      );
      tools.program("main.py", "import sys; print(sys.argv[1:])");
      const ran = spawnSync(entry, ["box", "--why", "two words"], {
        encoding: "utf8",
        env: { ...process.env, VMSTATION_POWER: tools.folder },
      });
      assert.equal(ran.stdout, `['${verb}', 'box', '--why', 'two words']\n`, ran.stderr);
    });
  }

  it("every entry is a verb that the controller knows", () => {
    const ask =
      `${renderImportPath(POWER_MODULES)}; import main\n` +
      "for verb in sys.argv[1:]:\n" +
      "  try: main.parser().parse_args([verb, '--help'])\n" +
      "  except SystemExit as end: assert end.code == 0, verb\n";
    const words = ["-B", "-c", ask, ...ENTRIES, "connect"];
    const ran = spawnSync("python3", words, { encoding: "utf8" });
    assert.equal(ran.status, 0, ran.stderr);
  });
});

describe("one check of three machines", () => {
  let tools: Tools;
  let sshd: net.Server;
  before(async () => {
    tools = new Tools();
    sshd = net.createServer((socket) => {
      // The client leaves when it has read enough to know.
      socket.on("error", () => undefined);
      socket.end("SSH-2.0-OpenSSH_9.2p1\r\n");
    });
    sshd.listen(0, "127.0.0.1");
    await new Promise((resolve) => sshd.once("listening", resolve));
  });
  after(() => {
    sshd.close();
    tools.remove();
  });

  const machines = ["one", "two", "three"];
  const nodes = machines.map((name) => ({
    kind: "Node",
    metadata: { name, resourceVersion: "1", labels: {}, annotations: {} },
    spec: {},
    status: { conditions: [{ type: "Ready", status: "True" }], allocatable: { cpu: "4" } },
  }));
  const answer = {
    sample: { boot: "b", at: 1, busy: 1, total: 2, network: 0, disk: 0, operations: 0 },
    sessions: ["ann"],
    inhibitors: [],
    openFiles: 0,
    errors: {},
  };

  function settings(): string {
    const address = sshd.address();
    assert.ok(address !== null && typeof address === "object");
    const policy = {
      address: "127.0.0.1",
      sshPort: address.port,
      mac: "00:11:22:33:44:55",
      method: "suspend",
      evict: false,
      idleAfter: 7200,
      wakeTimeout: 300,
      sleepTimeout: 300,
      checkEvery: 900,
      minimumAwake: 1800,
      minimumAsleep: 600,
      maxChangesPerDay: 12,
      testEvery: 604_800,
      thresholds: { cpu: 0.15, network: 204_800, disk: 1_048_576 },
      timeZone: "UTC",
      quietHours: [],
      calendar: [],
      apps: [],
    };
    return JSON.stringify({
      key: "/key",
      knownHosts: "/hosts",
      agentUser: "vmstation-power",
      kubectl: path.join(tools.folder, "kubectl"),
      kubeconfig: "/kubeconfig",
      stateDirectory: path.join(tools.folder, "state"),
      metrics: path.join(tools.folder, "vmstation.prom"),
      connections: path.join(tools.folder, "connections.json"),
      broadcast: "127.0.0.1",
      machines: machines.map((name) => ({ name, ...policy })),
      apps: [],
    });
  }

  async function autosleep(): Promise<{ stdout: string; cpu: number; wall: number }> {
    const file = tools.program("power.json", settings());
    const timed =
      "import resource, subprocess, sys, time\n" +
      "begin = time.monotonic()\n" +
      "done = subprocess.run(sys.argv[1:], check=True)\n" +
      "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n" +
      "print('CPU', used.ru_utime + used.ru_stime)\n" +
      "print('WALL', time.monotonic() - begin)\n";
    const main = path.join(FILES, "lib/main.py");
    const { stdout } = await run(
      "python3",
      ["-c", timed, "python3", "-B", main, "--config", file, "autosleep"],
      {
        env: {
          ...process.env,
          PATH: `${tools.folder}:${process.env.PATH ?? ""}`,
          PYTHONPATH: POWER_MODULES.join(":"),
        },
      },
    );
    const figure = (name: string): number =>
      z.coerce.number().parse(new RegExp(`^${name} (.*)$`, "m").exec(stdout)?.[1]);
    return { stdout, cpu: figure("CPU"), wall: figure("WALL") };
  }

  it("asks each machine, says why each is awake, writes the metrics, in less than 1 s of CPU", async () => {
    tools.program("kubectl", `#!/bin/sh\ncat <<'END'\n${JSON.stringify({ items: nodes })}\nEND\n`);
    tools.program("ssh", `#!/bin/sh\ncat <<'END'\n${JSON.stringify(answer)}\nEND\n`);
    const { stdout, cpu, wall } = await autosleep();
    for (const name of machines) {
      assert.match(
        stdout,
        new RegExp(`^${name}: nothing: awake: ann is logged in; cannot read`, "m"),
      );
    }
    const metrics = fs.readFileSync(path.join(tools.folder, "vmstation.prom"), "utf8");
    assert.match(metrics, /^vmstation_power_state\{node="two",state="awake"\} 1$/m);
    const figures = `${cpu.toFixed(2)} s of CPU, ${wall.toFixed(2)} s in all`;
    console.log(`      one check of three machines: ${figures}`);
    assert.ok(cpu < 1, figures);
    // Two seconds on a machine with nothing else to do; tests run beside others.
    assert.ok(wall < 20, figures);
  });

  it("leaves every machine awake when neither kubectl nor ssh works", async () => {
    tools.program("kubectl", "#!/bin/sh\necho 'connection refused' >&2\nexit 1\n");
    tools.program("ssh", "#!/bin/sh\necho 'Permission denied (publickey).' >&2\nexit 255\n");
    const { stdout } = await autosleep();
    assert.match(stdout, /^cannot read the cluster: kubectl get: connection refused$/m);
    for (const name of machines) {
      assert.match(
        stdout,
        new RegExp(`^${name}: observe: Permission denied \\(publickey\\)\\.$`, "m"),
      );
      assert.match(
        stdout,
        new RegExp(`^${name}: nothing: awake: cannot read the node; cannot`, "m"),
      );
    }
  });
});
