import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { existingPolicy } from "../../../components/bootstrap/facts";
import type { Machine } from "../../../components/node/machine";
import type { Setting, Step } from "../../../components/remote/step";
import { renderPreflight } from "../../../components/validation/render-preflight";
import type { Sandbox, Ran } from "../../support/sandbox";
import { homelabSite } from "../../support/site";

export const site = homelabSite();
export const args = {
  config: site.config.validation.preflight,
  existing: { ...existingPolicy(site.config.bootstrap), existing: "refuse" },
  modules: ["overlay", "br_netfilter"],
  digests: { maple: "d1", spruce: "d2", hazel: "d3" },
} as const;

export function machine(name: string): Machine {
  const found = site.machines.find((m) => m.name === name);
  assert.ok(found);
  return found;
}

/** What a machine answers, as shell functions that stand before the programs of the same name. */
const ANSWERS = {
  uname: "6.1.0-41-amd64",
  modinfo: "/lib/modules/6.1.0-41-amd64/kernel/net/bridge/br_netfilter.ko",
  df: "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 114854232 9000000 100000000 9% /",
};

/** A machine's files as maple has them, below a sandbox. */
export function layOut(box: Sandbox, files: Readonly<Record<string, string>> = {}): void {
  const all = {
    "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n',
    "proc/meminfo": "MemTotal:        8035412 kB\nMemFree:         1234 kB\n",
    "sys/class/net/enp2s0/address": "02:00:00:00:08:63\n",
    "sys/module/overlay/refcnt": "0\n",
    ...files,
  };
  for (const [file, content] of Object.entries(all)) {
    fs.mkdirSync(path.dirname(box.at(file)), { recursive: true });
    fs.writeFileSync(box.at(file), content);
  }
}

export interface Change {
  readonly files?: Readonly<Record<string, string>>;
  readonly answers?: Readonly<Record<string, string | undefined>>;
  readonly settings?: Readonly<Record<string, Setting>>;
  /** Shell functions whose answer depends on what is asked. */
  readonly functions?: string;
}

/** The step as it runs on such a machine. */
export function runPreflight(box: Sandbox, change: Change, verb: string): Ran {
  layOut(box, change.files);
  const step = renderPreflight(machine("maple"), args);
  const said: Change["answers"] = { ...ANSWERS, ...change.answers };
  const answers = Object.entries(said).map(([name, answer]) => {
    if (answer === undefined) return `${name}() { return 1; }`;
    const first = name === "uname" ? '[ "$1" != -m ] || { echo "$ARCHITECTURE"; return; }' : ":";
    return `${name}() {\n${first}\ncat <<'ANSWER'\n${answer}\nANSWER\n}`;
  });
  const below: Step = {
    ...step,
    script: [step.script, ...answers, change.functions ?? ""].join("\n"),
    settings: {
      ...step.settings,
      ...{ ROOT: box.root, TOOLS: "sed awk", ARCHITECTURE: "x86_64" },
      ...change.settings,
    },
  };
  return box.run(below, verb);
}
