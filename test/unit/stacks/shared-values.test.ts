import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { homelabSite } from "../../support/site";

const COMPONENTS = path.join(__dirname, "../../../components");

describe("a value that several layers need", () => {
  it("is the same for all: the API server's port, also where it is another one", () => {
    const { facts } = homelabSite([["bootstrap", "apiServerPort"], 7443]);
    const toApi = facts.namespaces
      .flatMap(({ policies }) => policies)
      .filter(({ name }) => name.endsWith("-to-api"));
    assert.ok(toApi.length > 2);
    for (const { name, ports } of toApi)
      assert.deepEqual(ports, [{ port: 7443, protocol: "TCP" }], name);
    const scraped = facts.namespaces
      .flatMap(({ policies }) => policies)
      .filter(({ ports }) => ports.some(({ port }) => port === 10_259));
    assert.ok(scraped.length > 0);
    for (const { name, ports } of scraped)
      assert.ok(
        ports.some(({ port }) => port === 7443) && !ports.some(({ port }) => port === 6443),
        name,
      );
  });

  it("is written once: the cluster's domain", () => {
    const files = fs
      .readdirSync(COMPONENTS, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"));
    const written = files.filter((file) =>
      /"(?:[\w.]*\.)?cluster\.local"/.test(fs.readFileSync(path.join(COMPONENTS, file), "utf8")),
    );
    assert.deepEqual(written, ["shared/cluster.ts"]);
  });
});
