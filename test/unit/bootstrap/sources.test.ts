import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { z } from "zod";
import { bootstrapSchema } from "../../../components/bootstrap/config";
import { Installer } from "./installer";

describe("where software comes from", () => {
  const problem = (sources: Readonly<Record<string, string>>): string | undefined =>
    bootstrapSchema.safeParse({ method: "kubespray", sources }).error?.issues[0]?.message;

  it("is by a way that its program takes: pip none over plain HTTP, git its own as well", () => {
    for (const index of [
      "https://m.lan/simple",
      "file:///srv/simple",
      "http://127.0.0.1:81/simple",
    ]) {
      assert.equal(problem({ pythonIndex: index }), undefined, index);
    }
    for (const index of ["http://m.lan/simple", "http://192.168.8.1:81/simple", "git://m.lan/x"]) {
      assert.match(problem({ pythonIndex: index }) ?? "", /https:\/\/ or file:\/\/|a URL/, index);
    }
    for (const scheme of ["https", "http", "git", "file"]) {
      assert.equal(problem({ kubesprayGit: `${scheme}://m.lan/k.git` }), undefined, scheme);
    }
    assert.match(
      problem({ kubesprayGit: "ssh://m.lan/k.git" }) ?? "",
      /https:\/\/, http:\/\/, git:/,
    );
  });
});

describe("Kubespray's checkout", function () {
  this.timeout(60_000);
  let box: Installer;
  let server: ChildProcess | undefined;
  let commit: string;

  const git = (...words: string[]): string => {
    const ran = spawnSync("git", ["-c", "user.name=x", "-c", "user.email=x@x", ...words], {
      ...{ cwd: box.folder, encoding: "utf8" },
    });
    assert.equal(ran.status, 0, ran.stderr);
    return ran.stdout.trim();
  };

  beforeEach(() => {
    const python = `[ "$2" != venv ] || { mkdir -p "$3/bin" && printf '#!/bin/sh\\n' >"$3/bin/pip" && chmod 755 "$3/bin/pip"; }`;
    box = new Installer("kubespray/files/install-controller.sh", {
      python3: python,
      "ssh-keygen": `for last; do :; done; echo public >"$last.pub"`,
    });
    git("init", "-q", "-b", "main", "work");
    for (const n of ["1", "2"]) {
      for (const name of ["txt", "lock"])
        fs.writeFileSync(box.at(`work/requirements.${name}`), `ansible==${n}\n`);
      git("-C", "work", "add", ".");
      git("-C", "work", "commit", "-q", "-m", n);
    }
    git("-C", "work", "tag", "v1");
    commit = git("-C", "work", "rev-parse", "HEAD");
    fs.mkdirSync(box.at("served"));
    git("clone", "-q", "--bare", "work", "served/k.git");
    git("-C", "served/k.git", "update-server-info");
  });
  afterEach(() => {
    server?.kill();
    server = undefined;
    box.remove();
  });

  const install = (url: string, wanted = commit) => {
    const other = ["no.lock", "no-digest"] as const;
    const ran = box.run(box.at("home"), url, "v1", wanted, "default", ...other);
    return { ...ran, requirements: box.read("home/checkout/requirements.txt") };
  };

  it("comes from a folder, and from a plain web server that has no shallow copies", async () => {
    const folder = install(`file://${box.at("served/k.git")}`);
    assert.deepEqual([folder.code, folder.requirements], [0, "ansible==2"], folder.stderr);
    fs.rmSync(box.at("home"), { recursive: true });
    const words = ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"];
    server = spawn("python3", [...words, "--directory", box.at("served")], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    assert.ok(server.stdout);
    const [said] = z.tuple([z.instanceof(Buffer)]).parse(await once(server.stdout, "data"));
    const port = /port (\d+)/.exec(said.toString())?.[1] ?? "";
    const web = install(`http://127.0.0.1:${port}/k.git`);
    assert.deepEqual([web.code, web.requirements], [0, "ansible==2"], web.stderr);
  });

  it("comes from git's own server", async function () {
    const daemon = path.join(git("--exec-path"), "git-daemon");
    if (!fs.existsSync(daemon)) {
      console.log("      no git daemon here: git:// is not tried");
      return this.skip();
    }
    const port = await freePort();
    const words = ["--listen=127.0.0.1", `--port=${port}`, "--export-all", "--verbose"];
    server = spawn("git", ["daemon", ...words, `--base-path=${box.at("served")}`], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    assert.ok(server.stderr);
    await once(server.stderr, "data");
    const ran = install(`git://127.0.0.1:${port}/k.git`);
    assert.deepEqual([ran.code, ran.requirements], [0, "ansible==2"], ran.stderr);
  });

  it("is refused where the tag stands for another commit", () => {
    const ran = install(`file://${box.at("served/k.git")}`, "0".repeat(40));
    assert.deepEqual([ran.code, ran.requirements], [1, undefined]);
    assert.match(ran.stderr, /another commit under v1/);
  });
});

async function freePort(): Promise<number> {
  const holder = net.createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const address = holder.address();
  holder.close();
  await once(holder, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
