import assert from "node:assert/strict";
import { chartSourcesSchema, renderChartSource } from "../../../components/shared/charts";

const pin = { chart: "loki", version: "18.11.0", repository: "https://charts.example.org" };
const schema = chartSourcesSchema("10m");

describe("a chart's source", () => {
  it("is its publisher's repository, another one, or a path in an OCI registry", () => {
    const from = (repository?: string) => renderChartSource(pin, schema.parse({ repository }));
    const plain = { chart: "loki", version: "18.11.0" };
    assert.deepEqual(from(), {
      ...plain,
      repositoryOpts: { repo: "https://charts.example.org" },
    });
    assert.deepEqual(from("http://mirror.lan/charts/"), {
      ...plain,
      repositoryOpts: { repo: "http://mirror.lan/charts" },
    });
    assert.deepEqual(from("oci://mirror.lan/charts"), {
      ...plain,
      chart: "oci://mirror.lan/charts/loki",
    });
  });

  it("may end in a slash, and must be an address", () => {
    for (const good of ["https://mirror.lan/", "https://mirror.lan", "oci://mirror.lan:5000/c/d/"])
      assert.ok(schema.safeParse({ repository: good }).success, good);
    for (const bad of ["mirror.lan", "ftp://mirror.lan", "https://mirror.lan/a b", "https://"])
      assert.ok(!schema.safeParse({ repository: bad }).success, bad);
  });
});
