import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { text } from "node:stream/consumers";
import { renderPodsReach } from "../../../components/network/pods-reach-step";
import { smokeImage } from "../../../components/shared/smoke-pod";
import { controllerOf } from "../../../stacks/site";
import { homelabSite } from "../../support/site";

const FILES = path.join(__dirname, "../../../components/network/files");

/** Plays kubectl: a pod is what lies in pods/NAME.json, "create" says whatever CREATE says. */
const KUBECTL = `#!/bin/sh
for last; do :; done
shift 4
echo "$*" >>FOLDER/calls
case $1 in
  create) cat >FOLDER/created; exit "$(cat FOLDER/create-code 2>/dev/null || echo 0)" ;;
  get) cat "FOLDER/pods/\${2#pod/}.json" ;;
esac
`;

/** Plays ip: two network namespaces, the second one the pod's; a ping from it reaches what FOLDER/reached names. */
const IP = `#!/bin/sh
case "$*" in
  "netns list") printf 'cni-a (id: 1)\\ncni-b (id: 2)\\n' ;;
  "-n cni-b "*) echo "2: eth0    inet 10.244.0.5/32 scope global eth0" ;;
  "-n cni-a "*) echo "2: eth0    inet 10.244.0.55/32 scope global eth0" ;;
  "netns exec cni-b ping "*) for last; do :; done; grep -qx "$last" FOLDER/reached ;;
  *) exit 1 ;;
esac
`;

describe("pods on different machines", () => {
  let folder: string;
  let sshd: net.Server;
  /** Python itself, as the check sees no other programs than those that a test gives it. */
  const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], {
    encoding: "utf8",
  }).trim();
  const at = (file: string): string => path.join(folder, file);
  const calls = (): string[] => fs.readFileSync(at("calls"), "utf8").trimEnd().split("\n");

  before(async () => {
    sshd = net.createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(sshd, "listening");
  });
  after(() => sshd.close());

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-reach-"));
    fs.mkdirSync(at("bin"));
    fs.mkdirSync(at("pods"));
    // Only whether it is there: it is called by way of ip.
    const ping = "#!/bin/sh\n";
    for (const [name, script] of Object.entries({ kubectl: KUBECTL, ip: IP, ping }))
      fs.writeFileSync(at(`bin/${name}`), script.replaceAll("FOLDER", folder), { mode: 0o755 });
    for (const tool of ["cat", "grep"]) fs.symlinkSync(`/bin/${tool}`, at(`bin/${tool}`));
    fs.writeFileSync(at("reached"), "10.244.1.6\n10.244.2.7\n");
    fs.writeFileSync(at("calls"), "");
    isReady("maple", "10.244.0.5");
    isReady("hazel", "10.244.1.6");
    isReady("spruce", "10.244.2.7");
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const isReady = (machine: string, podIP: string, status = "True"): void => {
    const pod = { status: { podIP, conditions: [{ type: "Ready", status }] } };
    fs.writeFileSync(at(`pods/vmstation-reach-${machine}.json`), JSON.stringify(pod));
  };

  /** What the check says of the homelab, as it is run on maple. `asleep`: those whose sshd is silent. */
  async function look(...asleep: string[]): Promise<[code: unknown, said: string]> {
    const address = sshd.address();
    assert.ok(typeof address === "object" && address !== null);
    const machine = (name: string, sleeps: boolean) => ({
      ...{ address: "127.0.0.1", sleeps },
      // Nothing listens at the discard port.
      port: asleep.includes(name) ? 9 : address.port,
    });
    const site = homelabSite();
    const spec = {
      ...renderPodsReach(controllerOf(site), site.machines, smokeImage(undefined)),
      machines: {
        maple: machine("maple", false),
        hazel: machine("hazel", true),
        spruce: machine("spruce", true),
      },
    };
    fs.writeFileSync(at("spec.json"), JSON.stringify(spec));
    const program = `import sys; sys.path.insert(0, ${JSON.stringify(FILES)}); import pods_reach
pods_reach.REACH_SECONDS = 0
sys.exit(pods_reach.main(${JSON.stringify(at("spec.json"))}))`;
    const env = { PATH: at("bin") };
    const child = spawn(python, ["-B", "-c", program], { env });
    const ended = once(child, "exit");
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await ended;
    return [child.exitCode, (stdout + stderr).trimEnd()];
  }

  const removed = "delete pod vmstation-reach-maple";

  it("reach each other if each answers, and none of them is left behind", async () => {
    assert.deepEqual(await look(), [0, "pods on maple and hazel, spruce reach each other"]);
    assert.ok(calls()[0]?.startsWith(removed), "what an earlier run left goes first");
    assert.ok(calls().at(-1)?.startsWith(removed));
    const created = JSON.stringify(JSON.parse(fs.readFileSync(at("created"), "utf8")));
    assert.ok(created.includes('"kubernetes.io/hostname":"hazel"'));
  });

  it("are not in reach where one does not answer, which is named", async () => {
    fs.writeFileSync(at("reached"), "10.244.1.6\n");
    assert.deepEqual(await look(), [1, "a pod on maple does not reach 10.244.2.7 on spruce"]);
    assert.ok(calls().at(-1)?.startsWith(removed));
  });

  it("are not waited for where their machine sleeps", async () => {
    assert.deepEqual(await look("hazel"), [
      0,
      "pods on maple and spruce reach each other; asleep, and so not asked: hazel",
    ]);
    assert.ok(!fs.readFileSync(at("created"), "utf8").includes("vmstation-reach-hazel"));
  });

  it("are not checked if only one machine is up: nothing is started", async () => {
    const [code, said] = await look("hazel", "spruce");
    assert.equal(code, 0);
    assert.match(said, /^only maple is up, so no pod has another machine to reach; asleep/);
    assert.deepEqual(calls(), [""]);
  });

  it("are not in reach where one does not become Ready", async () => {
    isReady("hazel", "", "False");
    assert.deepEqual(await look(), [1, "no pod is Ready on hazel within 120 s"]);
    assert.ok(calls().at(-1)?.startsWith(removed));
  });

  it("are not called out of reach for want of a tool to ask with", async () => {
    fs.rmSync(at("bin/ping"));
    assert.deepEqual(await look(), [2, "not on this machine: ping"]);
    assert.deepEqual(calls(), [""]);
  });

  it("are an error if no pod can be created, or none is found on this machine", async () => {
    fs.writeFileSync(at("create-code"), "1");
    assert.equal((await look())[0], 2);
    fs.rmSync(at("create-code"));
    isReady("maple", "10.244.0.9");
    assert.deepEqual(await look(), [
      2,
      "no network namespace here has the pod's address 10.244.0.9",
    ]);
  });
});
