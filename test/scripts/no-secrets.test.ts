import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { assertNoSecret, base64, CHATTER, KUBECONFIG, SECRETS } from "./no-secrets/secrets";
import { COVERED_ELSEWHERE } from "./no-secrets/covered";
import { listVerbs } from "./list-verbs";
import { OperationsLab, type Ran } from "./operations/lab";

const OBJECTS = JSON.stringify({
  items: [
    {
      kind: "Secret",
      data: {
        "admin-password": base64(SECRETS["Grafana's password"]),
        "bmc-password": base64(SECRETS["a flat secret of the configuration"]),
      },
    },
  ],
});

const VALIDATION = JSON.stringify({
  status: "fail",
  counts: { pass: 0, fail: 1, error: 0 },
  checks: [
    {
      ...{ group: "pods", name: "start", status: "fail", expected: "none", advice: "look" },
      found: `web says password=${SECRETS["a password in a log"]}`,
    },
  ],
});

interface Case {
  readonly verb: string;
  readonly words?: readonly string[];
  /** What the machines answer, as a shell script. */
  readonly answer: string;
}

const FAILS = 'cat "$BOX/chatter" >&2; exit 1';

/** Every verb that passes on what machines or a cluster say. A new one gets a line here. */
const CASES: readonly Case[] = [
  { verb: "validate", answer: `cat "$BOX/validation"` },
  { verb: "validate", words: ["--json"], answer: `cat "$BOX/validation"` },
  { verb: "validate", answer: FAILS },
  { verb: "preflight", answer: FAILS },
  { verb: "preflight", words: ["--json"], answer: FAILS },
  { verb: "logs", words: ["maple"], answer: `cat "$BOX/chatter"` },
  { verb: "logs", words: ["maple"], answer: FAILS },
  { verb: "diagnose", words: ["--output", "OUTPUT"], answer: "COLLECTOR" },
  { verb: "diagnose", words: ["--output", "OUTPUT"], answer: FAILS },
  { verb: "kubeconfig", words: ["--json"], answer: `cat "$BOX/kubeconfig"` },
  { verb: "kubeconfig", words: ["--dry-run"], answer: `cat "$BOX/kubeconfig"` },
  { verb: "kubeconfig", answer: FAILS },
  { verb: "kubeconfig", answer: `echo 'users: [{'; cat "$BOX/chatter"` },
  { verb: "remedy", words: ["coredns", "--yes"], answer: FAILS },
  { verb: "remedy", words: ["coredns", "--yes", "--json"], answer: "REMEDY" },
  { verb: "remedy", words: ["coredns", "--yes"], answer: "REMEDY" },
  ...["status", "power", "spin-down", "bootstrap plan", "bootstrap log", "backup"].flatMap((verb) =>
    failing(verb),
  ),
  ...failing("alert test"),
  ...failing("restart", "maple", "--dry-run"),
  ...failing("wake", "hazel", "--no-wait"),
  ...failing("sleep", "hazel"),
  ...failing("power", "test", "hazel"),
  ...failing("hold", "hazel", "--for", "1h", "--why", "a test"),
  ...failing("hold", "hazel", "--release"),
  ...failing("restore", "etcd", "--yes", "homelab"),
  ...failing("reset", "soft", "--yes", "homelab"),
];

/** With machines that answer with all they know, on both channels: to a person, and to a program. */
function failing(verb: string, ...words: string[]): Case[] {
  const both = verb === "bootstrap log" ? [words] : [words, [...words, "--json"]];
  const answers = [FAILS, `cat "$BOX/chatter"; cat "$BOX/chatter" >&2`];
  return both.flatMap((all) => answers.map((answer) => ({ verb, words: all, answer })));
}

describe("no verb shows a secret", () => {
  let lab: OperationsLab;
  beforeEach(() => {
    // As the program itself would find it where somebody has written one down plainly.
    lab = new OperationsLab(
      [["bmcPassword"], SECRETS["a flat secret of the configuration"]],
      [["monitoring", "alertmanager", "receiver"], { type: "ntfy", topic: "hazel" }],
    );
    lab.write("chatter", CHATTER);
    lab.write("validation", VALIDATION);
    lab.write("kubeconfig", KUBECONFIG);
    lab.write("objects", OBJECTS);
    lab.write("etc/password", `${SECRETS["the backups' passphrase"]}\n`, 0o600);
    for (const name of ["journalctl", "kubectl", "systemctl", "nft", "chronyc"]) {
      const said = name === "kubectl" ? KUBECTL : `cat "$BOX/chatter"`;
      lab.write(`bin/${name}`, `#!/bin/sh\n${said}\n`, 0o755);
    }
  });
  afterEach(() => {
    lab.remove();
  });

  /** What the verb wrote, to its streams and into files, the operator's own kubeconfig excepted. */
  function everything(ran: Ran, folder: string): string[] {
    const files = fs.existsSync(folder)
      ? fs.readdirSync(folder, { recursive: true }).map((name) => path.join(folder, String(name)))
      : [];
    const texts = files
      .filter((file) => fs.statSync(file).isFile())
      .map((file) => fs.readFileSync(file, "utf8"));
    return [ran.stdout, ran.stderr, ...texts];
  }

  for (const { verb, words = [], answer } of CASES) {
    it(`${[verb, ...words].join(" ")}, where machines say: ${answer}`, async () => {
      const output = lab.at("output");
      for (const machine of ["maple", "hazel", "spruce"])
        lab.answer(machine, SCRIPTS[answer] ?? answer);
      const told = words.map((word) => (word === "OUTPUT" ? output : word));
      const ran = await lab.run(...verb.split(" "), ...told);
      const texts = everything(ran, output);
      assert.ok(texts.join("") !== "", "it said something");
      assertNoSecret(texts);
    });
  }

  it("and each verb is tried here or there, or is another program's", () => {
    const tried = CASES.map(({ verb }) => verb);
    const known = new Set([...tried, ...COVERED_ELSEWHERE]);
    assert.deepEqual(known, new Set(listVerbs().keys()));
  });

  it("but kubeconfig --print, which says so", async () => {
    lab.answer("maple", `cat "$BOX/kubeconfig"`);
    const { stdout } = await lab.run("kubeconfig", "--print");
    assert.ok(stdout.includes(SECRETS["the kubeconfig's key"]));
  });
});

const KUBECTL = `case "$*" in
  *'get secrets'*json*) cat "$BOX/objects" ;;
  *'get pods'*no-headers*) echo 'default web 0/1 CrashLoopBackOff 7 1h' ;;
  *'get deployments'*) echo '{"items": [{"metadata": {"name": "coredns", "namespace": "kube-system"}}]}' ;;
  *rollout*) cat "$BOX/chatter" >&2; exit 1 ;;
  *) cat "$BOX/chatter" ;;
esac`;

const MOVED = `sed -e "s|/run/vmstation|$BOX/vmstation|g" -e "s|/etc/vmstation|$BOX/etc|g"`;

/** The real scripts, run here among the stand-ins. */
const SCRIPTS: Readonly<Record<string, string>> = {
  COLLECTOR: `${MOVED} | PATH="$BOX/bin:$PATH" exec sh -us`,
  REMEDY: `${MOVED} | PATH="$BOX/bin:$PATH" exec sh -eus`,
};
