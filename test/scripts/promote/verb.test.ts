import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { HYPERVISOR_TYPE, VM_TYPE } from "../../../scripts/kit/proxmox/vm-name";
import { Repository } from "../../../scripts/verbs/promote/repository";
import { ownProcess, vmstationWith } from "../../support/command-line";
import { changedHomelab, HOMELAB_FILE } from "../../support/homelab";
import { VIRTUAL } from "../../support/hypervisor";
import { NEW, RECORDED } from "./evidence";

const ROOT = resolve(__dirname, "../../..");

/** Stands for the CLI: answers with what is recorded in the files of each stack, and writes down its calls. */
const CLI = `#!/bin/sh
case "$1 $2" in stack*) what=$2 ;; *) what=$1 ;; esac
all=$* message= stack=
while [ $# -gt 0 ]; do
  case $1 in --stack) stack=$2 ;; --message) message=$2 ;; esac
  shift
done
echo "$what $stack" >>"$CALLS"
echo "$what \${VMSTATION_STAYS:-}" >>"$CALLS.stays"
case $what in
  history | output)
    [ -e "$RECORDED/$stack.$what" ] || { echo "error: no stack named '$stack' found" >&2; exit 6; }
    cat "$RECORDED/$stack.$what" ;;
  preview)
    case $all in *--json*) echo '{"changeSummary":{"create":2}}' ;; *) echo the preview ;; esac ;;
  up) echo "updating: $message"; exit "\${UP_CODE:-0}" ;;
esac
`;

/** Where the configuration has it; it is on another host by now, as a refresh has read. */
const HOSTS = { hosts: { maple: "pve-a" } };

const promotion = z.object({ promoted: z.boolean() });

const VALIDATION = JSON.stringify(JSON.stringify({ status: "pass", counts: {}, checks: [] }));

describe("vmstation promote", () => {
  let folder = "";
  let commit = "";
  const at = (file: string): string => join(folder, file);
  const git = (...args: string[]): string =>
    execFileSync(
      "git",
      ["-C", at("project"), "-c", "user.name=t", "-c", "user.email=t@t", ...args],
      {
        encoding: "utf8",
      },
    ).trim();

  before(() => {
    folder = fs.mkdtempSync(join(tmpdir(), "vmstation-promote-"));
    for (const name of ["bin", "project", "recorded"]) fs.mkdirSync(at(name));
    fs.writeFileSync(at("bin/pulumi"), CLI, { mode: 0o755 });
    for (const name of ["Pulumi.yaml", ".gitignore"])
      fs.copyFileSync(join(ROOT, name), at(`project/${name}`));
    for (const stack of ["lab", "homelab"])
      fs.copyFileSync(HOMELAB_FILE, at(`project/Pulumi.${stack}.yaml`));
    const { values } = changedHomelab(...VIRTUAL);
    const config = Object.entries(values).map(
      ([key, value]) => [`vmstation:${key}`, value] as const,
    );
    fs.writeFileSync(
      at("project/Pulumi.virtual.yaml"),
      stringify({ config: Object.fromEntries(config) }),
    );
    git("init", "-q");
    git("add", "-A");
    git("commit", "-qm", "all");
    commit = git("rev-parse", "HEAD");
    // As if the recorded update had been made from the commit of this checkout.
    const entries = z.array(z.unknown()).parse(JSON.parse(RECORDED.replaceAll(NEW, commit)));
    fs.writeFileSync(at("recorded/lab.history"), JSON.stringify(entries.slice(-2)));
    fs.writeFileSync(at("recorded/lab.output"), VALIDATION);
  });

  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  interface Promotion {
    readonly env?: Record<string, string>;
    /** What runs it: a process of its own where the CLI shows something itself. */
    readonly by?: typeof vmstationWith | typeof ownProcess;
  }

  async function promote(args: string[], { env: more, by = vmstationWith }: Promotion = {}) {
    fs.rmSync(at("calls"), { force: true });
    const env = {
      ...{ HOME: folder, PATH: `${at("bin")}:${process.env.PATH ?? ""}`, RECORDED: at("recorded") },
      ...{ CALLS: at("calls"), VMSTATION_OFFLINE: "1", PULUMI_HOME: at("home"), ...more },
    };
    const words = ["-C", at("project"), "promote", ...args];
    const { status, stdout, stderr } = await by(env, ...words);
    const calls = fs.existsSync(at("calls"))
      ? fs.readFileSync(at("calls"), "utf8").trim().split("\n")
      : [];
    return { status, stdout, stderr, calls };
  }

  it("shows what changes, updates the stack, and says how to come back", async () => {
    const { status, stdout, stderr, calls } = await promote(["lab", "homelab", "--yes"], {
      by: ownProcess,
    });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    const asked = ["history lab", "output lab", "init ", "preview homelab", "up homelab"];
    assert.deepEqual(calls, asked);
    const short = commit.slice(0, 10);
    assert.match(stdout, new RegExp(`^lab was updated from ${short} and passed its validation`));
    const seen = `the preview\nupdating: ${short}, promoted from lab\nhomelab runs ${short}\\.`;
    assert.match(stdout, new RegExp(seen));
    assert.match(stdout, /git tag homelab-\d{8}-\d{4} && git push origin homelab-\d{8}-\d{4}\n$/);
  });

  /** The virtual stack's state, with these machines. */
  function writeState(...names: string[]): void {
    const urn = (type: string, name: string) => `urn:pulumi:virtual::vmstation::${type}::${name}`;
    const machines = names.map((name, i) => ({
      ...{ urn: urn(VM_TYPE, `hypervisor-vm-${name}`), type: VM_TYPE },
      inputs: { name, nodeName: "pve-b", vmId: 263 + i },
    }));
    const layer = {
      urn: urn(HYPERVISOR_TYPE, "hypervisor"),
      type: HYPERVISOR_TYPE,
      outputs: HOSTS,
    };
    const latest = { resources: [layer, ...machines] };
    const states = at("project/.vmstation/state/.pulumi/stacks/vmstation");
    fs.mkdirSync(states, { recursive: true });
    fs.writeFileSync(join(states, "virtual.json"), JSON.stringify({ checkpoint: { latest } }));
  }

  it("moves no virtual machine back that somebody else has moved", async () => {
    writeState("maple");
    const { status, stderr } = await promote(["lab", "virtual", "--dry-run", "--json"]);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    const told = fs.readFileSync(at("calls.stays"), "utf8").split("\n");
    assert.ok(told.includes(`preview ${JSON.stringify(HOSTS.hosts)}`), told.join("\n"));
  });

  it("refuses what up refuses, since it would lose something", async () => {
    writeState("maple", "oak");
    const { status, stderr, calls } = await promote(["lab", "virtual", "--yes"]);
    assert.equal(status, 2);
    assert.match(stderr, /oak/);
    assert.match(stderr, /Nothing was changed/);
    assert.ok(
      calls.every((call) => !/^(preview|up) /.test(call)),
      calls.join("\n"),
    );
  });

  it("changes nothing in a dry run, and in JSON counts what it would change", async () => {
    const { status, stdout, calls } = await promote(["lab", "homelab", "--dry-run", "--json"]);
    assert.equal(status, 0);
    const document: unknown = JSON.parse(stdout);
    assert.deepEqual(document, {
      ...{ version: 1, from: "lab", to: "homelab", commit, tag: null, refusals: [] },
      ...{ changes: { create: 2 }, promoted: false },
    });
    assert.ok(!calls.includes("up homelab"));
  });

  it("ends with 1 where the update fails, and leaves standard output to the document", async () => {
    const failed = await promote(["lab", "homelab", "--yes", "--json"], {
      ...{ env: { UP_CODE: "255" }, by: ownProcess },
    });
    assert.equal(failed.status, 1);
    assert.equal(promotion.parse(JSON.parse(failed.stdout)).promoted, false);
    assert.match(
      failed.stderr,
      /^updating: [^]*\nThe update of homelab failed with code 255\. The next /,
    );
  });

  it("updates nothing without a terminal that could say yes", async () => {
    const { status, stderr, calls } = await promote(["lab", "homelab"], { by: ownProcess });
    assert.equal(status, 2);
    assert.match(stderr, /stdin is not a terminal: run it again with --yes\.\n$/);
    assert.ok(!calls.includes("up homelab"));
  });

  it("ends with 1 where it is refused, with the reasons, and leaves the other stack alone", async () => {
    const { status, stdout, calls } = await promote(["homelab", "lab", "--yes"]);
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^\w{10} cannot be promoted from homelab to lab:\n {2}- homelab was never/,
    );
    assert.deepEqual(calls, ["history homelab"]);
  });

  it("cannot be decided to the same stack, to an unknown tag, or outside of git", async () => {
    const same = await promote(["lab", "lab"]);
    assert.deepEqual([same.status, same.stderr], [2, "lab cannot be promoted to itself.\n"]);
    const repository = new Repository(at("project"));
    await assert.rejects(repository.commitOfTag("v9"), /This repository has no tag v9\./);
    await assert.rejects(new Repository(folder).checkout(), /is not a git checkout with a commit/);
  });

  it("takes untracked files for changes, and knows an annotated tag's commit", async () => {
    const repository = new Repository(at("project"));
    assert.deepEqual(await repository.checkout(), { commit, changed: [], tags: [] });
    git("tag", "--annotate", "v1", "--message", "the first");
    fs.writeFileSync(at("project/new file"), "");
    assert.deepEqual(await repository.checkout(), { commit, changed: ["new file"], tags: ["v1"] });
    assert.equal(await repository.commitOfTag("v1"), commit);
  });
});
