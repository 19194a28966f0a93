import assert from "node:assert/strict";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { checkFolder } from "../../../scripts/kit/mirror/check";
import { download } from "../../../scripts/kit/mirror/download";
import { filePath, imagePath } from "../../../scripts/kit/mirror/folder";
import { copyCommand, copyImage } from "../../../scripts/kit/mirror/images";
import { type MirrorServer, serveFolder } from "../../../scripts/kit/mirror/serve";
import { Fetcher } from "../../../scripts/verbs/mirror-fetch/fetcher";
import { renderDone, renderWithoutSkopeo } from "../../../scripts/verbs/mirror-fetch/render";
import { CONTENT, digestOf, filled, Folder, imageFiles, LIST, NEEDS, PAUSE, RUNC } from "./folders";

describe("a mirror's folder", () => {
  let source: Folder;
  let folder: Folder;
  let server: MirrorServer;
  let asked: string[];

  beforeEach(async () => {
    source = filled();
    folder = new Folder();
    asked = [];
    const onAnswer = (_: string, path: string): void => void asked.push(path);
    server = await serveFolder({ folder: source.path, address: "127.0.0.1", port: 0, onAnswer });
  });
  afterEach(async () => {
    await server.close();
    source.remove();
    folder.remove();
  });

  const fetcher = (): Fetcher => new Fetcher(folder.path, server.url, () => undefined);
  const withoutImages = { ...NEEDS, images: [] };

  it("is filled with what it lacks, all of it, and is then asked for nothing again", async () => {
    const fetched = await fetcher().fetchFiles(NEEDS, false);
    assert.deepEqual(fetched.map(({ kind }) => kind).sort(), ["chart", "file", "file", "file"]);
    assert.deepEqual(await checkFolder(folder.path, withoutImages), []);
    asked = [];
    assert.deepEqual(await fetcher().fetchFiles(NEEDS, false), []);
    assert.deepEqual(asked, []);
  });

  it("is left alone by --dry-run, which says the same", async () => {
    const said = await fetcher().fetchFiles(NEEDS, true);
    assert.deepEqual([readdirSync(folder.path), asked], [[], []]);
    assert.deepEqual(said, await fetcher().fetchFiles(NEEDS, false));
  });

  it("is a chart repository of its own, also after a second chart came", async () => {
    await fetcher().fetchFiles(NEEDS, false);
    const index = readFileSync(folder.at("charts/index.yaml"), "utf8");
    assert.match(index, /- loki-1\.2\.3\.tgz/);
    const other = { chart: "alloy", version: "2.0.0", path: "charts/alloy-2.0.0.tgz" };
    source.write(other.path, "another");
    const entry = `{version: 2.0.0, urls: [alloy-2.0.0.tgz], digest: ${digestOf("another")}}`;
    source.write("charts/index.yaml", `entries: {alloy: [${entry}]}`);
    const [loki] = NEEDS.charts;
    assert.ok(loki);
    const charts = [loki, { ...loki, ...other }];
    await fetcher().fetchFiles({ ...NEEDS, charts }, false);
    assert.deepEqual(await checkFolder(folder.path, { ...withoutImages, charts }), []);
  });

  it("keeps nothing that has another digest, says both, and gets the others anyway", async () => {
    source.write(filePath(RUNC), "something else");
    const fetched = await fetcher().fetchFiles(NEEDS, false);
    const failed = fetched.filter(({ error }) => error !== null);
    assert.deepEqual(
      failed.map(({ name }) => name),
      [RUNC],
    );
    const both = `${digestOf("something else")}, expected ${digestOf(CONTENT)}`;
    assert.match(failed[0]?.error ?? "", new RegExp(both));
    assert.match(renderDone(fetched, [], false), /^FAILED: file https:.*runc\.amd64\n {2}http/m);
    for (const name of [filePath(RUNC), `${filePath(RUNC)}.part`])
      assert.ok(!existsSync(folder.at(name)));
    const [fault, ...others] = await checkFolder(folder.path, withoutImages);
    assert.deepEqual([fault?.name, others], [RUNC, []]);
  });

  it("is continued where a download broke off", async () => {
    folder.write(`${filePath(RUNC)}.part`, CONTENT.slice(0, 4000));
    const ranges: (string | undefined)[] = [];
    const cutting = await cuttingServer(ranges);
    try {
      const { port } = Object(cutting.address()) as { port: number };
      const file = folder.at(filePath(RUNC));
      await download({ url: `http://127.0.0.1:${port}/`, file, sha256: digestOf(CONTENT) });
      assert.equal(readFileSync(file, "utf8"), CONTENT);
      assert.equal(ranges[0], "bytes=4000-");
      // As much as had arrived when the connection was cut.
      const again = Number(/^bytes=(\d+)-$/.exec(ranges[1] ?? "")?.[1]);
      assert.ok(again >= 4000 && again <= 7000, ranges.join());
    } finally {
      cutting.closeAllConnections();
      cutting.close();
    }
  });

  it("says which address refuses, and ends there", async () => {
    const url = `${server.url}/files/none`;
    const asking = download({ url, file: folder.at("none"), sha256: undefined });
    await assert.rejects(asking, /files\/none answers with status 404\./);
    assert.deepEqual(asked, ["/files/none"]);
  });

  it("is checked: what is missing, damaged, or a link", async () => {
    const whole = async (): Promise<string[]> =>
      (await checkFolder(source.path, NEEDS)).map(
        ({ kind, name, fault }) => `${kind} ${name}: ${fault}`,
      );
    assert.deepEqual(await whole(), []);
    const layer = join(imagePath(PAUSE.image), digestOf("layer"));
    source.write(layer, "damaged");
    source.write(filePath(LIST), "");
    writeFileSync(source.at("charts/loki-1.2.3.tgz"), "another chart");
    source.write("elsewhere", CONTENT);
    const { rmSync } = await import("node:fs");
    rmSync(source.at(filePath(RUNC)));
    symlinkSync(source.at("elsewhere"), source.at(filePath(RUNC)));
    const faults = (await whole()).join("\n");
    assert.match(faults, new RegExp(`file ${RUNC.replaceAll(".", "\\.")}: missing`));
    assert.match(faults, /file https:.*rke2\.tar\.gz: .*sha256sum-amd64\.txt does not name it/);
    assert.match(faults, /chart loki 1\.2\.3: it has the digest/);
    assert.match(faults, /image registry\.k8s\.io\/pause:3\.10\.1: sha256:.* of it is damaged/);
  });

  describe("with skopeo", () => {
    const path = process.env.PATH;
    afterEach(() => {
      process.env.PATH = path;
    });

    /** Writes the image's files into the folder that it is told. */
    function standIn(script: string): void {
      for (const [name, content] of Object.entries(imageFiles()))
        folder.write(`image/${name}`, content);
      folder.write("bin/skopeo", `#!/bin/sh\n${script}\n`);
      chmodSync(folder.at("bin/skopeo"), 0o755);
      process.env.PATH = `${folder.at("bin")}:${path ?? ""}`;
    }

    it("gets an image by its digest, whole", async () => {
      const copy = `cp -r "${folder.at("image")}" "\${5#dir:}"`;
      standIn(
        `for last; do :; done; echo "$@" >"${folder.at("said")}"; set -- 1 2 3 4 "$last"; ${copy}`,
      );
      await copyImage(folder.path, PAUSE);
      assert.match(
        readFileSync(folder.at("said"), "utf8"),
        new RegExp(`^copy --all docker://registry\\.k8s\\.io/pause@${PAUSE.digest ?? ""} dir:`),
      );
      assert.deepEqual(await checkFolder(folder.path, { ...NEEDS, files: [], charts: [] }), []);
    });

    it("comes from another mirror under its whole name, unencrypted where that is", () => {
      const command = copyCommand(PAUSE, "x", "http://10.0.0.1:8080").join(" ");
      const name = `docker://10.0.0.1:8080/registry.k8s.io/pause@${PAUSE.digest ?? ""}`;
      assert.equal(command, `skopeo copy --all --src-tls-verify=false ${name} dir:x`);
    });

    it("leaves what was there where it fails, and says why", async () => {
      folder.write(join(imagePath(PAUSE.image), "manifest.json"), "before");
      standIn('echo "no such tag" >&2; exit 1');
      await assert.rejects(
        copyImage(folder.path, PAUSE),
        /could not copy .*pause:3\.10\.1: no such tag/,
      );
      const kept = folder.at(imagePath(PAUSE.image), "manifest.json");
      assert.equal(readFileSync(kept, "utf8"), "before");
    });

    it("is told each command where skopeo is missing", () => {
      const text = renderWithoutSkopeo([PAUSE], "/mnt/my mirror");
      assert.match(text, /Images that are missing: 1\./);
      assert.match(
        text,
        /skopeo copy --all docker:.* 'dir:\/mnt\/my mirror\/images\/registry\.k8s\.io\/pause\/3\.10\.1'/,
      );
    });
  });
});

/** Sends 3000 bytes of what is asked for and hangs up; the second time all of it. */
async function cuttingServer(ranges: (string | undefined)[]): Promise<Server> {
  const server = createServer((request, response) => {
    const { range } = request.headers;
    ranges.push(range);
    const from = Number(/\d+/.exec(range ?? "")?.[0] ?? 0);
    response.writeHead(206, { "content-length": CONTENT.length - from });
    if (ranges.length > 1) response.end(CONTENT.slice(from));
    else response.write(CONTENT.slice(from, from + 3000), () => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
