import assert from "node:assert/strict";
import * as path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { addBlock, removeBlock } from "../../../scripts/kit/stack-file/app-blocks";
import { CONFIGURED } from "../../support/fixtures/apps/configured/apps";
import { useGeneratedFolder } from "../../support/generated";
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
      /accepted npx vmstation pulumi --stack homelab config set --secret vmstation:feedToken\n/,
    );
    assert.match(stdout, /Then: npx vmstation preview --stack homelab\n/);
  });

  it("new takes a Kustomize folder, and a chart of the project with its version", async () => {
    start();
    const board = await lab.run("app", "new", "board", "--kustomize", `${FOLDER}/board`);
    assert.match(
      board.stdout,
      /apps\.board\.machine\n {4}found {4}nothing\n {4}accepted one of hazel, maple, spruce; or anywhere/,
    );
    const chart = ["--chart", "whoami", "--repository", `./${FOLDER}/charts`, "--machine", "maple"];
    start();
    const { code, stdout } = await lab.run("app", "new", "whoami", ...chart, "--json");
    assert.equal(code, 0, stdout);
    const { open } = z.object({ open: z.array(z.unknown()) }).parse(JSON.parse(stdout));
    assert.deepEqual(open, []);
    assert.match(JSON.stringify(appsOf()), /"version":"1\.2\.0"/);
  });

  describe("new with a chart of a repository, where Helm is there", () => {
    const words = ["--chart", "whoami", "--repository", "https://charts.example.org"];
    useGeneratedFolder();

    /** Helm, with a repository that holds the chart of the fixtures in two versions; its values name no image. */
    function startWithHelm(): void {
      start();
      lab.write(
        "bin/helm",
        `#!/bin/sh
for last; do :; done
case "$*" in
  *https://gone*) echo 'Error: no such host' >&2; exit 1 ;;
  "show chart whoami "*) printf 'name: whoami\\nversion: 1.2.0\\n' ;;
  "pull whoami --version 1.2.0 "*) mkdir -p "$last"; cp -R "${path.resolve(FOLDER)}/charts/whoami" "$last/"
    printf '{ "required": ["domain"] }' >"$last/whoami/values.schema.json" ;;
  pull*) echo 'Error: not found' >&2; exit 1 ;;
  repo*) ;;
  search*) echo '[{"name":"asked/whoami","version":"1.2.0"},{"name":"asked/whoami","version":"1.1.0"}]' ;;
  template*) sed s/feed/whoami/g "${path.resolve(FOLDER)}/feed.yaml" ;;
esac
`,
        0o755,
      );
      process.env.PATH = `${lab.at("bin")}:${process.env.PATH ?? ""}`;
    }

    it("takes its newest version, its ports and its volumes, and says what its schema asks for", async () => {
      startWithHelm();
      const { code, stdout } = await lab.run("app", "new", "whoami", ...words);
      assert.equal(code, 0, stdout);
      assert.deepEqual(z.object({ whoami: z.unknown() }).parse(appsOf()).whoami, {
        kind: "chart",
        chart: { name: "whoami", version: "1.2.0", repository: "https://charts.example.org" },
        ports: { http: { port: 80, podPort: 8080, nodePort: 30_080 } },
        volumes: { data: { path: "/var/lib/whoami" } },
        secrets: { whoami: { token: "whoamiToken" } },
      });
      assert.match(stdout, /vmstation:apps\.whoami\.machine\n {4}found {4}nothing\n/);
      assert.match(stdout, /vmstation:apps\.whoami\.values\n[^]* {4}accepted a map with domain\n/);
    });

    it("writes nothing where the repository has no such chart, or not that version", async () => {
      startWithHelm();
      const before = lab.read(FILE);
      const version = await lab.run("app", "new", "whoami", ...words, "--chart-version", "1.3.0");
      assert.equal(version.code, 1);
      assert.match(
        version.stderr,
        /apps\.whoami\.chart\.version\n.*1\.3\.0[^]*did you mean 1\.2\.0\?/,
      );
      const name = ["--chart", "whoamy", ...words.slice(2), "--chart-version", "1.2.0"];
      const { stderr } = await lab.run("app", "new", "whoami", ...name);
      assert.match(stderr, /apps\.whoami\.chart\.name\n.*whoamy[^]*did you mean whoami\?/);
      assert.equal(lab.read(FILE), before);
    });

    it("writes the block nevertheless where the repository is away, and says so", async () => {
      startWithHelm();
      const away = ["--chart", "whoami", "--repository", "https://gone.example.org"];
      const { code, stdout, stderr } = await lab.run("app", "new", "whoami", ...away);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /ports and volumes are guesses\. .*: no such host\n/);
      assert.match(JSON.stringify(appsOf()), /"version":"VERSION"/);
      assert.match(stdout, /apps\.whoami\.chart\.version\n {4}found {4}"VERSION"\n/);
    });
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

describe("vmstation app, beside mistakes in the stack's file", () => {
  it("remove takes out the app that is one, and any other", async () => {
    const { machine, ...incomplete } = CONFIGURED.board;
    assert.equal(machine, "hazel");
    const lab = new OperationsLab(
      [["apps", "board"], incomplete],
      [["apps", "feed"], CONFIGURED.feed],
    );
    const feed = await lab.run("app", "remove", "feed", "--yes");
    assert.equal(feed.code, 0, feed.stderr);
    assert.match(feed.stdout, /Kept: the folder \/var\/lib\/feed on hazel\./);
    const board = await lab.run("app", "remove", "board", "--yes");
    assert.equal(board.code, 0, board.stderr);
    assert.match(board.stdout, /Kept: the folder \/var\/lib\/board on its machine\./);
    const { stdout, code } = await lab.run("app", "list");
    assert.equal(code, 0, stdout);
    const unknown = await lab.run("app", "remove", "quota", "--yes");
    assert.match(unknown.stderr, /has no app quota/);
    lab.remove();
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
