import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { renderText } from "../../../scripts/verbs/drift/render";
import type { DriftReport } from "../../../scripts/kit/look/report";
import { Style } from "../../../scripts/kit/terminal/style";
import { vmstationWith } from "../../support/command-line";
import { type Change, changedHomelab } from "../../support/homelab";
import { STACK_CASES } from "./covered";
import { assertNoSecret, CHATTER, KEY, SECRETS } from "./secrets";

const ROOT = resolve(__dirname, "../../..");
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKdYdLPMmVc3ycEHwUnzWkrO9LWVmTmG0LJZJ1M8dHyC";
const MACHINES = ["maple", "spruce", "hazel"] as const;

/** Each secret that a configuration can name, written down plainly. */
const SEEDED: readonly Change[] = [
  [["bmcPassword"], SECRETS["a flat secret of the configuration"]],
  [["remote", "privateKeySecret"], "sshKey"],
  [["sshKey"], KEY],
  [["monitoring", "alertmanager", "receiver"], { type: "ntfy", topic: "x", tokenSecret: "ntfy" }],
  [["ntfy"], SECRETS["a service account's token"]],
  [["apps", "jellyfin", "apiKeySecret"], "jellyfinKey"],
  [["jellyfinKey"], SECRETS["a password in a log"]],
];

/** Says all that it knows on both channels. */
const TELLTALE = '#!/bin/sh\ncat "$CHATTER"\ncat "$CHATTER" >&2\n';

/** Verbs that run the program itself. */
const PLANNING = ["plan", "drift"];

/** What `drift` prints without --json is made of that document, and of nothing else. */
function renderForPeople(document: string): string {
  return renderText(JSON.parse(document) as DriftReport, new Style(false, 100));
}

describe("no verb of the stack shows a secret", function () {
  this.timeout(60_000);
  const folder = fs.mkdtempSync(join(tmpdir(), "vmstation-no-secrets-"));
  const at = (name: string): string => join(folder, name);

  before(() => {
    fs.mkdirSync(at("bin"));
    for (const name of ["ssh", "ssh-keyscan", "pulumi"])
      fs.writeFileSync(at(`bin/${name}`), `${TELLTALE}exit 1\n`, { mode: 0o755 });
    const scan = `${TELLTALE}for address do :; done\necho "$address ${HOST_KEY}"\n`;
    fs.writeFileSync(at("bin/ssh-keyscan"), scan);
    fs.writeFileSync(at("chatter"), CHATTER);
    fs.writeFileSync(at("hosts"), "[kube_control_plane]\nmaster ansible_host=192.168.8.63\n");
    const { values } = changedHomelab(
      ...MACHINES.map((name) => [["machines", name, "hostKey"], HOST_KEY] as const),
      ...SEEDED,
    );
    const config = Object.entries(values).map(([key, value]) => [`vmstation:${key}`, value]);
    const text = stringify({ config: Object.fromEntries(config) as unknown });
    fs.writeFileSync(at("Pulumi.homelab.yaml"), text);
    const manifest = fs.readFileSync(join(ROOT, "Pulumi.yaml"), "utf8");
    fs.writeFileSync(
      at("Pulumi.yaml"),
      manifest.replace(/^main: .*$/m, () => `main: ${join(ROOT, "index.ts")}`),
    );
    fs.writeFileSync(at(".gitignore"), "*\n!Pulumi*\n");
    for (const words of ["init -q", "add -A", "commit -qm all"])
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...words.split(" ")], {
        cwd: folder,
      });
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  /** What it writes to its streams, one after the other. */
  async function vmstation(...words: string[]): Promise<string[]> {
    const env = {
      ...{ HOME: folder, PATH: `${at("bin")}:${process.env.PATH ?? ""}`, CHATTER: at("chatter") },
      ...{ VMSTATION_OFFLINE: "1", PULUMI_HOME: at("home") },
    };
    const { stdout, stderr } = await vmstationWith(env, "-C", folder, ...words);
    return [stdout, stderr];
  }

  const ofStack = ["--stack", "homelab"];
  const ofFile = ["--config-file", at("Pulumi.homelab.yaml")];
  const OPTIONS: Readonly<Record<string, string[]>> = {
    ...Object.fromEntries([...PLANNING, "spin-up"].map((verb) => [verb, [...ofStack, ...ofFile]])),
    ...{ trust: ofStack, forget: ofStack, migrate: ofStack, init: ["--stack", "mine"] },
  };

  for (const [verb, ...rest] of STACK_CASES) {
    it([verb, ...rest].join(" "), async () => {
      const words = rest.map((word) =>
        word === "GRAPH" ? at("graph.mmd") : word === "INVENTORY" ? at("hosts") : word,
      );
      const texts = await vmstation(verb, ...(OPTIONS[verb] ?? []), ...words);
      assert.doesNotMatch(texts.join(""), /unknown option|too many arguments/);
      if (rest.includes("GRAPH")) texts.push(fs.readFileSync(at("graph.mmd"), "utf8"));
      if (verb === "drift") texts.push(renderForPeople(texts[0] ?? ""));
      assert.notEqual(texts.join(""), "");
      assertNoSecret(texts);
    });
  }
});
