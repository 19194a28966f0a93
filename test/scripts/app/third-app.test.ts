import assert from "node:assert/strict";
import * as fs from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { readSite } from "../../../scripts/kit/ssh/operator";
import { loadProject } from "../../../scripts/kit/stack-file/project";
import { recordStack } from "../../support/stack";
import { OperationsLab } from "../operations/lab";
import { EXAMPLE, readThirdApp } from "./third-app";

const FILE = "Pulumi.home.yaml";

describe("adding an app of one's own as docs/apps.md says", () => {
  const { words, block } = readThirdApp();
  const before = fs.readFileSync(EXAMPLE, "utf8");
  let lab: OperationsLab;
  beforeEach(() => {
    lab = new OperationsLab();
    fs.rmSync(lab.at("Pulumi.homelab.yaml"));
    lab.write(FILE, before);
  });
  afterEach(() => {
    lab.remove();
  });

  it("writes the block that stands there, and nothing is missing", async () => {
    const { code, stdout } = await lab.run(...(words.at(0) ?? []));
    assert.equal(code, 0, stdout);
    assert.match(stdout, /\nNothing is missing\. Next: npx vmstation preview --stack home\n/);
    const file = z.object({ config: z.record(z.string(), z.unknown()) });
    const apps = z
      .looseObject({ links: z.unknown() })
      .parse(file.parse(parse(lab.read(FILE))).config["vmstation:apps"]);
    assert.deepEqual({ links: apps.links }, parse(block));
    const site = readSite(loadProject(lab.root), "home");
    const links = site.sleepingApps.find(({ app }) => app === "links");
    assert.deepEqual(links?.advertised, [{ port: 30_080, servicePort: 80, speaks: "http" }]);
    assert.ok(site.facts.backups.some(({ directory }) => directory === "/var/lib/links"));
    const graph = await recordStack(site);
    for (const name of ["apps-links-deployment-links", "apps-links-service-links", "network-links"])
      assert.ok(
        graph.some((resource) => resource.name === name),
        name,
      );
    const list = await lab.run("app", "list");
    assert.match(list.stdout, /^links +manifests +nas \(sleeps\) +lan +http:\/\/\S+:30080$/m);
    const removed = await lab.run("app", "remove", "links", "--yes");
    assert.match(removed.stdout, /Kept: the folder \/var\/lib\/links on nas\./);
    assert.equal(lab.read(FILE), before);
  });
});
