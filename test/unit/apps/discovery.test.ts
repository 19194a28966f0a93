import assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import * as dgram from "node:dgram";
import { once } from "node:events";
import * as path from "node:path";
import { planDiscovery } from "../../../components/apps/jellyfin/discovery";
import { appsConfig, appSite } from "./settings";

const PROGRAM = path.join(
  __dirname,
  "../../../components/apps/jellyfin/files/jellyfin-discovery.py",
);

describe("the answer to Jellyfin's clients on the LAN", () => {
  let server: ChildProcess;
  let client: dgram.Socket;
  let port: number;

  before(async () => {
    const words = ["-B", PROGRAM, "Film room", "http://192.168.8.63:30096", "0"];
    const child = spawn("python3", words, { stdio: ["ignore", "pipe", "inherit"] });
    server = child;
    const line: unknown = (await once(child.stdout, "data")).at(0);
    port = Number(/UDP (\d+)/.exec(String(line))?.[1]);
    client = dgram.createSocket("udp4");
    client.bind(0, "127.0.0.1");
  });
  after(() => {
    server.kill();
    client.close();
  });

  async function ask(...questions: string[]): Promise<unknown> {
    const answer = once(client, "message");
    for (const question of questions) client.send(question, port, "127.0.0.1");
    const message: unknown = (await answer).at(0);
    return JSON.parse(String(message));
  }

  it("names the address that wakes the server, in Jellyfin's own form", async () => {
    const answer = JSON.stringify(await ask("Who is JellyfinServer?"));
    assert.match(
      answer,
      /^\{"Address":"http:\/\/192\.168\.8\.63:30096","Id":"[0-9a-f]{32}","Name":"Film room","EndpointAddress":null\}$/,
    );
    // A client that asks again must not take it for another server.
    assert.equal(JSON.stringify(await ask("Who is JellyfinServer?")), answer);
  });

  it("answers no other question", async () => {
    let answers = 0;
    const count = (): void => {
      answers += 1;
    };
    client.on("message", count);
    await ask("who is EmbyServer?", "", "who is jellyfinserver?");
    client.off("message", count);
    assert.equal(answers, 1);
  });

  it("stays within its allowance under ten times of that, and goes on afterwards", () => {
    const code = `
import importlib.util, sys
spec = importlib.util.spec_from_file_location("discovery", sys.argv[1])
discovery = importlib.util.module_from_spec(spec)
spec.loader.exec_module(discovery)
answers = discovery.Allowance(discovery.ANSWERS, 1)
print([sum(answers.take(second + i / 1000) for i in range(500)) for second in (7, 8, 9)])`;
    const printed = execFileSync("python3", ["-B", "-c", code, PROGRAM], { encoding: "utf8" });
    assert.equal(printed, "[50, 50, 50]\n");
  });
});

describe("the plan of that answer", () => {
  const of = (changes: object) => {
    const { jellyfin } = appsConfig({ jellyfin: changes });
    assert.ok(jellyfin);
    return planDiscovery(jellyfin, appSite);
  };

  it("runs on the control plane, which hears the LAN while Jellyfin's machine sleeps", () => {
    const plan = of({});
    assert.equal(plan?.machine, "maple");
    assert.deepEqual(plan.firewall, {
      machines: ["maple"],
      purpose: "Jellyfin, clients that look for it",
      protocol: "udp",
      ports: [7359],
      from: ["lan"],
    });
    assert.match(
      plan.step.files?.[1]?.content ?? "",
      /^ExecStart=\/usr\/bin\/python3 -B \S+\.py "Jellyfin" http:\/\/192\.168\.8\.63:30096$/m,
    );
  });

  it("is left out where it is not wanted", () => {
    assert.equal(of({ discovery: false }), undefined);
  });
});
