import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { renderSettings } from "../../../components/validation/render-settings";
import { METHOD_NAMES, methodChanges } from "../../support/methods";
import { Sandbox } from "../../support/sandbox";
import { homelabSite } from "../../support/site";
import { healthy } from "./cluster-state";
import { set } from "./fault";

const CHECKS = path.join(__dirname, "../../../components/validation/files/checks");

const report = z.object({
  checks: z.array(z.object({ name: z.string(), status: z.string() })),
});

describe("the checks of the cluster, by bootstrap method", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
  });
  afterEach(() => {
    box.remove();
  });

  const failing = (method: (typeof METHOD_NAMES)[number]): string[] => {
    const site = homelabSite(...methodChanges(method));
    const { validation, lan, network } = site.config;
    const expected = { ...site, lan, encapsulation: network.encapsulation, namespaces: [] };
    const state = healthy();
    set("daemonsets", { items: [{ metadata: { name: "calico-node" } }] })(state);
    fs.writeFileSync(box.at("settings"), renderSettings(validation, expected));
    fs.writeFileSync(box.at("seen"), JSON.stringify(state));
    const words = ["cluster", "--json", "--settings", box.at("settings")];
    const ran = spawnSync("python3", ["-B", CHECKS, ...words, "--observations", box.at("seen")], {
      encoding: "utf8",
    });
    const { checks } = report.parse(JSON.parse(ran.stdout));
    return checks.filter(({ status }) => status !== "pass").map(({ name }) => name);
  };

  it("look for a DaemonSet of kube-proxy only where the method has one", () => {
    assert.deepEqual(Object.fromEntries(METHOD_NAMES.map((method) => [method, failing(method)])), {
      kubespray: ["kube-proxy"],
      kubeadm: ["kube-proxy"],
      k3s: [],
      rke2: [],
    });
  });
});
