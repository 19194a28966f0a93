import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";

const SCRIPT = path.join(__dirname, "../../../docs/examples/apps/own-fields.py");

const list = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        managedFields: z.array(z.looseObject({ manager: z.string() })),
      }),
      data: z.unknown(),
    }),
  ),
});

const entry = (
  manager: string,
  operation: string,
  time: string | undefined,
  more: object = {},
) => ({
  ...{ manager, operation, time, apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: {} },
  ...more,
});

describe("an app that is taken back from Git", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "own-fields-"));
  const state = path.join(folder, "state.json");
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("has its objects written by the program alone, which are else as they were", () => {
    const data = { refresh: "1h" };
    const ours = [
      entry("pulumi-kubernetes-aaaa", "Apply", "2026-11-01T08:00:00Z"),
      // The API server notes no time where an object is taken over as it is.
      entry("pulumi-kubernetes-bbbb", "Apply", undefined),
      entry("argocd-controller", "Apply", "2026-11-30T09:00:00Z"),
      entry("kube-controller-manager", "Update", "2026-11-30T09:00:00Z", { subresource: "status" }),
      entry("kubectl-edit", "Update", "2026-11-30T09:00:00Z"),
    ];
    const others = [
      entry("helm", "Update", "2026-11-30T09:00:00Z"),
      entry("pulumi-kubernetes-cccc", "Apply", "2026-11-30T09:00:00Z"),
    ];
    const outputs = { __fieldManager: "pulumi-kubernetes-bbbb" };
    const resources = [{ urn: "one" }, { urn: "two", outputs }, { urn: "three", outputs: {} }];
    writeFileSync(state, JSON.stringify({ version: 3, deployment: { resources } }));
    const items = [
      { metadata: { name: "feed", managedFields: ours }, data },
      { metadata: { name: "chart", managedFields: others }, data },
      { metadata: { name: "old" }, data },
    ];
    const input = JSON.stringify({ kind: "List", items });
    const { stdout, stderr } = spawnSync("python3", [SCRIPT, state], { input, encoding: "utf8" });
    assert.equal(stderr, "");
    const [feed, ...more] = list.parse(JSON.parse(stdout)).items;
    assert.deepEqual(more, []);
    assert.equal(feed?.metadata.name, "feed");
    assert.deepEqual(feed.data, data);
    assert.deepEqual(
      feed.metadata.managedFields.map(({ manager }) => manager),
      ["pulumi-kubernetes-bbbb", "kube-controller-manager"],
    );
  });
});
