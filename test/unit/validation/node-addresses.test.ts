import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { z } from "zod";
import { renderSettings } from "../../../components/validation/render-settings";
import { NODE_ADDRESSES, NODE_NETWORK } from "../../support/node-network";
import { Sandbox } from "../../support/sandbox";
import { homelabSite } from "../../support/site";
import { healthy, node } from "./cluster-state";
import { set } from "./fault";
import { BATCH, CHECKS, expected } from "./run-checks";
import * as fs from "node:fs";

const reports = z.array(
  z.looseObject({
    report: z.looseObject({
      checks: z.array(z.looseObject({ name: z.string(), status: z.string(), found: z.string() })),
    }),
  }),
);

type Addresses = Readonly<Record<string, string>>;

describe("the check of the Nodes' addresses", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
  });
  afterEach(() => {
    box.remove();
  });

  const nodesWith = (addresses: Addresses) => ({
    items: Object.entries(addresses).map(([name, address]) => {
      const one = node(name, "True");
      const LAN = { type: "ExternalIP", address: "192.168.8.6" };
      const known = [{ type: "InternalIP", address }, LAN];
      return { ...one, status: { ...one.status, addresses: known } };
    }),
  });

  it("finds a Node that is known by another one, and is made only where machines have such addresses", () => {
    const { machines } = homelabSite(...NODE_NETWORK);
    const { validation } = homelabSite().config;
    fs.writeFileSync(box.at("own"), renderSettings(validation, { ...expected, machines }));
    fs.writeFileSync(box.at("plain"), renderSettings(validation, expected));
    const wrong = { ...NODE_ADDRESSES, spruce: "192.168.8.61" };
    const runs = [
      ["own", NODE_ADDRESSES],
      ["own", wrong],
      ["plain", wrong],
    ] as const;
    const words = runs.map(([settings, addresses], i) => {
      const state = healthy();
      set("nodes", nodesWith(addresses))(state);
      fs.writeFileSync(box.at(`seen-${i}`), JSON.stringify(state));
      return [
        "nodes",
        "--json",
        "--settings",
        box.at(settings),
        "--observations",
        box.at(`seen-${i}`),
      ];
    });
    const input = JSON.stringify(words);
    const ran = spawnSync("python3", ["-B", "-c", BATCH, CHECKS], { encoding: "utf8", input });
    assert.equal(ran.status, 0, ran.stderr);
    const judged = reports
      .parse(JSON.parse(ran.stdout))
      .map(({ report }) => report.checks.find(({ name }) => name === "addresses"));
    assert.equal(judged[0]?.status, "pass");
    assert.equal(judged[1]?.status, "fail");
    assert.equal(judged[1].found, "spruce is known by 192.168.8.61, not by 10.0.0.11");
    assert.equal(judged[2], undefined);
  });
});
