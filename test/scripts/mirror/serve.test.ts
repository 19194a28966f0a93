import assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { filePath } from "../../../scripts/kit/mirror/folder";
import { type MirrorServer, serveFolder } from "../../../scripts/kit/mirror/serve";
import {
  CONTENT,
  digestOf,
  filled,
  type Folder,
  IMAGE_LIST,
  IMAGE_MANIFEST,
  LISTED,
  RUNC,
} from "./folders";

describe("the folder of a mirror, served", () => {
  let folder: Folder;
  let server: MirrorServer;
  const asked: string[] = [];

  before(async () => {
    folder = filled();
    const onAnswer = (...said: [string, string, number]): void => void asked.push(said.join(" "));
    server = await serveFolder({ folder: folder.path, address: "127.0.0.1", port: 0, onAnswer });
  });
  after(async () => {
    await server.close();
    folder.remove();
  });

  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${server.url}${path}`, init);
    return { status: response.status, text: await response.text(), headers: response.headers };
  };

  /** The path exactly as it is written: fetch would tidy it. */
  const raw = (path: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const asking = request(server.url, { path }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asking.on("error", reject).end();
    });

  it("has a publisher's file below files/ and its host, by the URL that a machine builds", async () => {
    const built = (url: string): string => url.replace("https://", "/files/");
    const { status, text } = await get(built(RUNC));
    assert.deepEqual([status, text], [200, CONTENT]);
    assert.equal((await get(built(LISTED))).text, "an archive");
    assert.ok(asked.some((line) => line === `GET ${built(RUNC)} 200`));
  });

  it("answers the rest of a file, and that there is no more of it", async () => {
    const range = (from: number) => ({ headers: { range: `bytes=${from}-` } });
    const rest = await get(`/${filePath(RUNC)}`, range(9990));
    assert.deepEqual([rest.status, rest.text], [206, CONTENT.slice(9990)]);
    assert.equal((await get(`/${filePath(RUNC)}`, range(10_000))).status, 416);
  });

  it("leads out of the folder by no path and no link, and takes nothing", async () => {
    const outside = `${folder.path}-outside`;
    writeFileSync(outside, "a secret");
    symlinkSync(outside, folder.at("files/link"));
    const name = outside.slice(outside.lastIndexOf("/") + 1);
    const paths = ["/files/link", `/../${name}`, `/files/%2e%2e/%2e%2e/${name}`, `/..%2f${name}`];
    for (const path of [...paths, "/files", "/", "/%00", "/%zz", "/v2/x/blobs/..%2f..%2fy"]) {
      assert.equal(await raw(path), 404, path);
    }
    for (const method of ["PUT", "POST", "DELETE"])
      assert.equal((await get("/files/x", { method })).status, 405);
  });

  it("answers containerd: an image by its tag and its digest, its manifests and its contents", async () => {
    assert.equal((await get("/v2/")).status, 200);
    const index = `sha256:${digestOf(IMAGE_LIST)}`;
    for (const reference of ["3.10.1", index]) {
      const found = await get(`/v2/pause/manifests/${reference}?ns=registry.k8s.io`);
      assert.equal(found.text, IMAGE_LIST);
      assert.equal(found.headers.get("docker-content-digest"), index);
      assert.equal(found.headers.get("content-type"), "application/vnd.oci.image.index.v1+json");
    }
    const below = `sha256:${digestOf(IMAGE_MANIFEST)}`;
    const one = await get(`/v2/pause/manifests/${below}?ns=registry.k8s.io`);
    assert.equal(one.text, IMAGE_MANIFEST);
    assert.match(one.headers.get("content-type") ?? "", /docker\.distribution\.manifest\.v2/);
    const layer = await get(`/v2/pause/blobs/sha256:${digestOf("layer")}?ns=registry.k8s.io`);
    assert.equal(layer.text, "layer");
    for (const path of ["pause/manifests/3.9", "other/manifests/3.10.1", `pause/blobs/${below}`])
      assert.equal((await get(`/v2/${path}?ns=registry.k8s.io`)).status, 404, path);
    assert.equal((await get("/v2/pause/manifests/3.10.1?ns=..%2F..")).status, 404);
  });
});
