import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import fc from "fast-check";
import { z } from "zod";
import { readDashboards } from "../../../components/apps/configured/dashboards";
import { findJsonError } from "../../../components/apps/configured/json-error";
import { dashboardUid } from "../../../components/apps/frame/dashboard";
import { generate } from "../../support/cases";

const FIXTURES = path.join(__dirname, "../../support/fixtures/apps/configured");

const dashboard = z.looseObject({
  uid: z.string(),
  title: z.string(),
  tags: z.array(z.string()),
  panels: z.array(z.looseObject({ datasource: z.looseObject({ uid: z.string() }) })),
});

describe("a dashboard in a file", () => {
  let folder = "";
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-dashboards-"));
    fs.mkdirSync(path.join(folder, "more"));
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const read = (...files: string[]) =>
    readDashboards({ name: "feed", title: "Feed", folder }, files);
  const write = (file: string, content: unknown): void => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    fs.writeFileSync(path.join(folder, file), text);
  };
  const written = (file: string) => dashboard.parse(JSON.parse(read(file).files[0]?.text ?? ""));

  it("has a name of the app's, and nothing of the Grafana that it comes from", () => {
    const owner = { name: "feed", title: "Feed", folder: FIXTURES };
    const { files, problems } = readDashboards(owner, ["readers.json"]);
    assert.deepEqual(problems, []);
    assert.equal(files[0]?.uid, "app-feed-readers");
    const found = dashboard.parse(JSON.parse(files[0].text));
    assert.deepEqual(
      [found.uid, found.title, found.tags],
      ["app-feed-readers", "Feed: Readers", ["vmstation", "apps", "feed"]],
    );
    for (const key of ["id", "__inputs", "__requires"]) assert.ok(!(key in found), key);
    assert.match(files[0].text, /sum\(feed_readers\{job=\\"feed\\"\}\)/);
  });

  it("asks the stack's own data sources, and what its reader chooses", () => {
    const owner = { name: "feed", title: "Feed", folder: FIXTURES };
    const [file] = readDashboards(owner, ["readers.json"]).files;
    const { panels } = dashboard.parse(JSON.parse(file?.text ?? ""));
    assert.deepEqual(
      panels.map(({ datasource }) => datasource.uid),
      ["prometheus", "loki", "${source}"],
    );
  });

  it("keeps what Grafana has in itself", () => {
    const own = { type: "datasource", uid: "-- Mixed --" };
    write("mixed.json", { title: "x", panels: [{ datasource: own }] });
    assert.deepEqual(written("mixed.json").panels[0]?.datasource, own);
  });

  const refused: readonly [string, string, unknown, RegExp, RegExp?][] = [
    ["is not there", "none.json", undefined, /^none\.json: no such file$/],
    [
      "is no JSON",
      "x.json",
      '{\n  "title": "x"\n  "panels": []\n}',
      /^x\.json line 3 column 3: no/,
    ],
    ["is cut off", "x.json", '{ "title": "x", "panels": [', /^x\.json line 1 column 28: no JSON$/],
    ["is a page", "x.json", "<!doctype html>", /^x\.json line 1 column 1: no JSON$/],
    [
      "is none",
      "x.json",
      { apiVersion: "v1", spec: {} },
      /^x\.json: no dashboard$/,
      /title and pan/,
    ],
    [
      "asks what is not here",
      "x.json",
      { title: "x", panels: [{ datasource: { type: "influxdb", uid: "a" } }] },
      /^x\.json: a data source of type influxdb$/,
      /^one of prometheus, loki, which the stack has$/,
    ],
    [
      "wants what is not here",
      "x.json",
      { title: "x", panels: [], __inputs: [{ name: "DS", pluginId: "mysql" }] },
      /^x\.json: a data source of type mysql$/,
      /^one of prometheus, loki,/,
    ],
    [
      "is too much for a ConfigMap",
      "x.json",
      { title: "x", panels: [{ text: "x".repeat(1_000_001) }] },
      /^x\.json: 1000\d{3} bytes$/,
      /^at most 1000000 bytes$/,
    ],
  ];
  for (const [what, file, content, found, accepted = /Grafana exports it/] of refused) {
    it(`is refused where it ${what}`, () => {
      if (content !== undefined) write(file, content);
      const { files, problems } = read(file);
      assert.deepEqual(files, []);
      assert.equal(problems[0]?.path, "apps.feed.dashboards[0]");
      assert.match(problems[0].found, found);
      assert.match(problems[0].accepted, accepted);
    });
  }

  it("is refused beside another one that would have its address", () => {
    write("one.json", { title: "x", panels: [] });
    write("more/One.JSON", { title: "y", panels: [] });
    const { files, problems } = read("one.json", "more/One.JSON");
    assert.equal(files.length, 1);
    assert.deepEqual(
      problems.map(({ path: key, found }) => [key, found]),
      [["apps.feed.dashboards[1]", "more/One.JSON, beside one.json"]],
    );
  });

  it("has an address that Grafana takes, whatever the app is called", () => {
    const [one, other] = ["a", "b"].map((end) => dashboardUid(`${"long-".repeat(12)}${end}`));
    assert.notEqual(one, other);
    for (const uid of [one, other]) assert.match(uid ?? "", /^app-[a-z0-9-]{1,36}$/);
    assert.equal(dashboardUid("jellyfin"), "app-jellyfin");
  });
});

describe("where a text stops being JSON", () => {
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };

  it("is said of exactly those that Node takes for none", () => {
    const json = fc.json();
    const cut = fc.tuple(
      json,
      fc.nat(),
      fc.constantFrom("", ",", '"', "}", "]", ":", "-", "\n", "\\u1", "01"),
    );
    const broken = cut.map(([text, at, more]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + more + text.slice(more === "" ? place + 1 : place);
    });
    const { cases, seed } = generate(fc.oneof(json, broken), 400);
    for (const text of cases)
      assert.equal(findJsonError(text) === undefined, isJson(text), `${text} (seed ${seed})`);
  });
});
