import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import fc from "fast-check";
import type { z } from "zod";
import {
  parseSecretFiles,
  parseSecretObjects,
} from "../../../scripts/verbs/diagnose/known-secrets";
import { renderMarkdown } from "../../../scripts/verbs/diagnose/render";
import { type Ran, OperationsLab } from "../operations/lab";
import { base64, layOut, report, SECRETS } from "./diagnose-lab";

describe("vmstation diagnose", () => {
  let lab: OperationsLab;
  let ran: Ran;
  let found: z.infer<typeof report>;
  let markdown: string;

  before(async () => {
    lab = new OperationsLab();
    layOut(lab);
    lab.silence("spruce");
    // It goes away in the middle.
    lab.answer(
      "hazel",
      `token=$(sed -n '$s/^collect \\([0-9a-f]*\\).*/\\1/p'); echo "$token ready"; echo "$token 0 0 14 0"; printf 'memory\\nplenty\\n'; exit 255`,
    );
    ran = await lab.run("diagnose", "--output", lab.at("evidence"));
    found = report.parse(JSON.parse(lab.read("evidence/report.json")));
    markdown = lab.read("evidence/report.md");
  });
  after(() => {
    lab.remove();
  });

  const sectionOf = (name: string): string => {
    const machine = found.machines.find((each) => each.machine === "maple");
    return machine?.sections.find((section) => section.name === name)?.text ?? "";
  };

  it("collects from each machine in one session, and never fails for those that are away", () => {
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(
      found.machines.map(({ machine, status, error }) => [machine, status, error]),
      [
        ["hazel", "in-part", "the connection broke off"],
        ["maple", "collected", null],
        ["spruce", "asleep", null],
      ],
    );
    assert.equal(lab.sessions().length, 3);
    assert.deepEqual(found.machines[0]?.sections, [{ name: "memory", code: 0, text: "plenty\n" }]);
  });

  it("takes out what the cluster and the machine keep secret, and what looks like it", () => {
    const texts = [lab.read("evidence/report.json"), markdown, ran.stdout, ran.stderr];
    for (const secret of [
      "gr4fana-admin",
      base64("gr4fana-admin"),
      "r3stic-passphrase",
      "hunter2",
      "abc123def",
    ]) {
      for (const text of texts) assert.ok(!text.includes(secret), secret);
    }
    assert.equal(
      sectionOf("earlier logs of default/web"),
      "panic: cannot log in with <redacted>\n",
    );
    assert.equal(
      sectionOf("kernel messages"),
      "password=<redacted> in a journal\nbackup with <redacted>\n",
    );
    assert.ok(
      !found.machines.some(({ sections }) => sections.some(({ name }) => name.startsWith("!"))),
    );
  });

  it("has machine, services, network and cluster, and the logs of pods that are not well", () => {
    for (const name of [
      "system",
      "disks",
      "processes",
      "failed units",
      "addresses",
      "nodes",
      "events",
    ]) {
      assert.notEqual(sectionOf(name), "", name);
    }
    assert.match(sectionOf("logs of default/web"), /-n default logs web --all-containers/);
    assert.equal(sectionOf("logs of default/well"), "");
    assert.match(sectionOf("challenges.acme.cert-manager.io"), /describe challenges\.acme/);
    assert.equal(sectionOf("ipaddresspools.metallb.io"), "", "a kind that the cluster lacks");
    assert.equal(sectionOf("logs of default/done"), "");
  });

  it("begins with the findings", () => {
    assert.deepEqual(
      found.findings.filter((finding) => !finding.includes("file system")),
      [
        "hazel: in part: the connection broke off",
        "pods: crash loops: default/web (to do: kubectl logs --previous POD)",
        "maple: the unit smartd.service has failed",
      ],
    );
    assert.match(ran.stdout, /^hazel: in part, 1 sections$/m);
    assert.match(markdown, /^- pods: crash loops: default\/web/m);
    assert.match(markdown, /^\| spruce \| 192\.168\.8\.61 \| asleep \| 0 \|/m);
    assert.match(markdown, /^### usage \(ended with code 1\)$/m);
  });

  it("hands no terminal command on, and leaves nothing on the machine", () => {
    assert.match(markdown, /event with \\x1b\[31mcolour and token: <redacted>/);
    assert.deepEqual(
      fs.readdirSync(lab.at("maple")).filter((n) => n.startsWith("vmstation")),
      [],
    );
  });

  it("writes for its owner only, into a place that was free", async () => {
    const mode = (name: string): number => fs.statSync(lab.at(name)).mode & 0o777;
    assert.deepEqual(
      [mode("evidence"), mode("evidence/report.json"), mode("evidence/report.md")],
      [0o700, 0o600, 0o600],
    );
    const again = await lab.run("diagnose", "--output", lab.at("evidence"));
    assert.deepEqual(
      [again.code, again.stderr],
      [2, `${lab.at("evidence")} exists already. Choose another place with --output.\n`],
    );
    assert.equal(lab.sessions().length, 3, "nobody was asked");
  });

  it("packs it into one file where the name says so, of the machines that are named", async () => {
    const file = lab.at("out/evidence.tar.gz");
    const { code, stdout } = await lab.run("diagnose", "hazel", "--output", file, "--json");
    assert.equal(code, 0);
    const { stdout: names } = spawnSync("tar", ["-tzf", file], { encoding: "utf8" });
    assert.deepEqual(names.trim().split("\n").sort(), [
      "evidence/",
      "evidence/report.json",
      "evidence/report.md",
    ]);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(fs.readdirSync(lab.at("out")), ["evidence.tar.gz"]);
    assert.match(
      stdout,
      /"status": "in-part",\n\s+"error": "the connection broke off",\n\s+"sections": 1/,
    );
  });

  it("ends with 2 where no machine said anything, and has a report anyway", async () => {
    const { code } = await lab.run("diagnose", "spruce", "-o", lab.at("none"));
    assert.equal(code, 2);
    assert.match(lab.read("none/report.md"), /asleep/);
  });
});

describe("what is known to be secret", () => {
  it("is every value of every Secret object", () => {
    const whole = parseSecretObjects(JSON.stringify(SECRETS));
    assert.deepEqual(whole, { values: ["gr4fana-admin"], areAll: true });
    assert.deepEqual(parseSecretObjects("error: forbidden"), { values: [], areAll: false });
  });

  it("is known of all Secret objects but one that is broken, and that is said", () => {
    const items = [{ data: { a: 1 } }, "odd", ...SECRETS.items];
    const found = parseSecretObjects(JSON.stringify({ items }));
    assert.deepEqual(found, { values: ["gr4fana-admin"], areAll: false });
  });

  it("is each word of a secret file, and the value where it has keys", () => {
    assert.deepEqual(
      parseSecretFiles(
        "plain-password\n  secret: b64value=\nkind: EncryptionConfig\nshort\n# a comment here\n",
      ),
      ["plain-password", "b64value=", "EncryptionConfig"],
    );
  });
});

describe("the report for people", () => {
  it("lets no text out of its fence", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("`", "a", "\n", "#") }), (text) => {
        const diagnosis = {
          ...{ version: 1 as const, stack: "lab", at: "now", findings: [] },
          machines: [
            {
              ...{ machine: "m", address: "a", status: "collected" as const, error: null },
              sections: [
                { name: "one", code: 0, text: `${text}x` },
                { name: "two", code: 0, text: "y" },
              ],
            },
          ],
        };
        let fence: string | undefined;
        const headings: string[] = [];
        for (const line of renderMarkdown(diagnosis).split("\n")) {
          if (fence === undefined && /^`{3,}text$/.test(line)) fence = line.slice(0, -4);
          else if (line === fence) fence = undefined;
          else if (fence === undefined && line.startsWith("###")) headings.push(line);
        }
        assert.deepEqual(headings, ["### one", "### two"]);
      }),
    );
  });
});
