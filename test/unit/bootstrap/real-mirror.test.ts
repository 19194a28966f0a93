import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { kubernetes } from "../../../components/versions";
import { mirrorFiles, mirrorImages } from "../../real/mirror/contents";
import { listedFor, readAsked, UNLISTED } from "../../real/mirror/listed";

const STACK = path.join(__dirname, "../../real/Pulumi.real.yaml");
const stackSchema = z.object({
  config: z.looseObject({ "vmstation:bootstrap": z.looseObject({}) }),
});

describe("the mirror of the real clusters", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "vmstation-listed-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("has exactly the files and images that the method lists, and what stands in for others", () => {
    const stack = stackSchema.parse(parse(readFileSync(STACK, "utf8")));
    // As the lab does: the parts are builds of its own.
    Object.assign(stack.config["vmstation:bootstrap"], { checksums: { operator: "0".repeat(64) } });
    const file = path.join(folder, "stack.yaml");
    writeFileSync(file, stringify(stack));
    const listed = listedFor(file);
    const files = mirrorFiles(kubernetes.version).map((each) => each.path);
    assert.deepEqual(listed.files, files.sort());
    const images = mirrorImages("tools.tar").map(({ repository }) => repository);
    assert.deepEqual([...listed.repositories, ...UNLISTED].sort(), [...new Set(images)].sort());
  });

  it("records files and images apart", () => {
    const asked = [
      "dl.k8s.io/release/kubeadm",
      "quay.io/a/b:v1",
      `quay.io/a/b:sha256:${"0".repeat(64)}`,
    ];
    assert.deepEqual(readAsked(asked), {
      files: ["dl.k8s.io/release/kubeadm"],
      repositories: ["quay.io/a/b"],
    });
  });
});
