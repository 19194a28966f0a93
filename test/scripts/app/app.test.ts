import assert from "node:assert/strict";
import { parse } from "yaml";
import { z } from "zod";
import { addBlock, removeBlock } from "../../../scripts/kit/stack-file/app-blocks";
import { CONFIGURED } from "../../support/fixtures/apps/configured/apps";
import type { Change } from "../../support/homelab";
import { OperationsLab } from "../operations/lab";

const FOLDER = "test/support/fixtures/apps/configured";
const FILE = "Pulumi.homelab.yaml";
const stackFile = z.object({ config: z.record(z.string(), z.unknown()) });

describe("vmstation app", () => {
  let lab: OperationsLab;
  afterEach(() => {
    lab.remove();
  });

  const appsOf = (): unknown => stackFile.parse(parse(lab.read(FILE))).config["vmstation:apps"];
  const start = (...changes: readonly Change[]): void => {
    lab = new OperationsLab(...changes);
  };

  it("new writes what the files tell, with a free NodePort, and says what is missing", async () => {
    start();
    const words = ["--manifests", `${FOLDER}/feed.yaml`, "--machine", "hazel"];
    const { code, stdout } = await lab.run("app", "new", "feed", ...words);
    assert.equal(code, 0, stdout);
    assert.deepEqual(z.object({ feed: z.unknown() }).parse(appsOf()).feed, {
      kind: "manifests",
      files: [`${FOLDER}/feed.yaml`],
      machine: "hazel",
      ports: { http: { port: 80, podPort: 8080, nodePort: 30_080 } },
      volumes: { data: { path: "/var/lib/feed" } },
      secrets: { feed: { token: "feedToken" } },
    });
    assert.match(stdout, /To fill in:\n {2}vmstation:apps\.feed\.secrets\.feed\.token\n/);
    assert.match(
      stdout,
      /npx vmstation pulumi config set --stack homelab --secret vmstation:feedToken|config set --secret vmstation:feedToken/,
    );
    assert.match(stdout, /Then: npx vmstation preview --stack homelab\n/);
  });

  it("new takes a Kustomize folder, and a chart of the project with its version", async () => {
    start();
    const board = await lab.run("app", "new", "board", "--kustomize", `${FOLDER}/board`);
    assert.match(board.stdout, /vmstation:apps\.board\.machine\n {4}found {4}nothing\n/);
    const chart = ["--chart", "whoami", "--repository", `./${FOLDER}/charts`, "--machine", "maple"];
    start();
    const { code, stdout } = await lab.run("app", "new", "whoami", ...chart, "--json");
    assert.equal(code, 0, stdout);
    const { open } = z.object({ open: z.array(z.unknown()) }).parse(JSON.parse(stdout));
    assert.deepEqual(open, []);
    assert.match(JSON.stringify(appsOf()), /"version":"1\.2\.0"/);
  });

  it("new changes nothing in a dry run, nor for a name that is taken, nor without a source", async () => {
    start([["apps", "board"], CONFIGURED.board]);
    const before = lab.read(FILE);
    const words = ["--manifests", `${FOLDER}/feed.yaml`, "--machine", "hazel"];
    const dry = await lab.run("app", "new", "feed", ...words, "--dry-run");
    assert.match(dry.stdout, /^Would write into /);
    const taken = await lab.run("app", "new", "board", ...words);
    assert.equal(taken.code, 1);
    assert.match(taken.stderr, /has the app board already/);
    const none = await lab.run("app", "new", "feed");
    assert.match(none.stderr, /--manifests apps\/notes\.yaml/);
    assert.equal(lab.read(FILE), before);
  });

  it("list shows written apps and those of the configuration", async () => {
    start([["apps", "board"], CONFIGURED.board]);
    const { stdout } = await lab.run("app", "list");
    assert.match(stdout, /^APP +KIND +MACHINE +ACCESS +ADDRESS\n/);
    assert.match(
      stdout,
      /^board +kustomize +hazel \(sleeps\) +lan +http:\/\/192\.168\.8\.63:30082$/m,
    );
    assert.match(stdout, /^jellyfin +written /m);
    const { stdout: json } = await lab.run("app", "list", "--json");
    assert.match(json, /"folders": \[\n +"\/var\/lib\/board"\n/);
  });

  it("remove takes the app's block out, and says that its folder is kept", async () => {
    start([["apps", "board"], CONFIGURED.board]);
    const before = lab.read(FILE);
    const asked = await lab.run("app", "remove", "board");
    assert.match(asked.stderr, /run it again with --yes/);
    assert.equal(lab.read(FILE), before);
    const { code, stdout } = await lab.run("app", "remove", "board", "--yes");
    assert.equal(code, 0, stdout);
    assert.match(stdout, /Kept: the folder \/var\/lib\/board on hazel\./);
    assert.equal(JSON.stringify(appsOf()).includes("board"), false);
    const unknown = await lab.run("app", "remove", "jelyfin", "--yes");
    assert.match(unknown.stderr, /has no app jelyfin\. .*Did you mean jellyfin\?/);
  });
});

describe("the block of an app in a stack's file", () => {
  const FILE_TEXT = `config:
  vmstation:apps: # what people use
    # My films.
    jellyfin:
      machine: nas
      # The end of it.

  # The backups.
  vmstation:backup: {}
`;
  const block = ["notes:", "  kind: manifests"];

  it("is put behind the last app, and everything else stays as it is", () => {
    assert.equal(
      addBlock(FILE_TEXT, "vmstation:apps", block),
      FILE_TEXT.replace("machine: nas\n", "machine: nas\n    notes:\n      kind: manifests\n"),
    );
  });

  it("is taken out again with its own comments, to the letter", () => {
    const added = addBlock(FILE_TEXT, "vmstation:apps", block);
    assert.equal(removeBlock(added, "vmstation:apps", "notes"), FILE_TEXT);
    const rest = removeBlock(FILE_TEXT, "vmstation:apps", "jellyfin");
    assert.deepEqual(parse(rest), { config: { "vmstation:apps": {}, "vmstation:backup": {} } });
    assert.doesNotMatch(rest, /My films/);
    assert.match(rest, /# The backups/);
  });

  it("makes the key where it is missing or empty, and refuses one on one line", () => {
    const without = "config:\n  vmstation:backup: {}\n";
    const expected = { notes: { kind: "manifests" } };
    const parsed = (text: string) => stackFile.parse(parse(text)).config["vmstation:apps"];
    assert.deepEqual(parsed(addBlock(without, "vmstation:apps", block)), expected);
    for (const value of ["", " {}", " # nothing yet"]) {
      const text = `config:\n  vmstation:apps:${value}\n  vmstation:backup: {}\n`;
      assert.deepEqual(parsed(addBlock(text, "vmstation:apps", block)), expected);
    }
    const flow = "config:\n  vmstation:apps: { notes: { kind: chart } }\n";
    assert.throws(() => addBlock(flow, "vmstation:apps", block), /written on one line/);
  });
});
