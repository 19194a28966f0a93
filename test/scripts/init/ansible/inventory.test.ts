import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { z } from "zod";
import { readConnection } from "../../../../scripts/verbs/init/inventory/connection";
import {
  type InventoryHost,
  readInventory,
} from "../../../../scripts/verbs/init/inventory/inventory";
import {
  isValueMap,
  Opaque,
  show,
  type Value,
} from "../../../../scripts/verbs/init/inventory/values";
import { UserError } from "../../../../scripts/kit/user-error";
import { ANSIBLE_INVENTORY, findAnsible } from "./find-ansible";
import { type InventoryCase, inventory } from "./inventories";

const CASES = Number(process.env.VMSTATION_CASES ?? 100);
const SEED = Number(process.env.VMSTATION_SEED ?? 20_261_129);

/** What the program refuses although Ansible does not, and what it says then. */
const REFUSED_BY_NAME = [
  /begins with a byte-order mark/,
  /two merged maps differ in/,
  /child of "ungrouped", which is for hosts without a group/,
  /is both a host without a group and a group/,
  /is (?:a program|TOML), and is not read/,
  /configures the inventory plugin/,
  /is encrypted by Ansible Vault/,
  /has no hosts/,
];

const hostSchema = z.object({
  groups: z.array(z.string()),
  variables: z.record(z.string(), z.unknown()),
  ssh: z.object({ host: z.unknown(), port: z.unknown(), remote_user: z.unknown() }),
});
type HostAnswer = z.infer<typeof hostSchema>;
const answerSchema = z.union([
  z.object({ refused: z.string() }),
  z.object({ hosts: z.record(z.string(), hostSchema) }),
]);
type Answer = z.infer<typeof answerSchema>;

/** A value as the Python side writes it. */
function plain(value: Value): unknown {
  if (value instanceof Opaque) return { opaque: true };
  if (typeof value === "bigint") return { int: String(value) };
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return { float: String(value) };
    return Number.isInteger(value) && Math.abs(value) > 2 ** 53
      ? { int: String(BigInt(value)) }
      : value;
  }
  if (isValueMap(value)) {
    return Object.fromEntries([...value].map(([key, each]) => [show(key), plain(each)]));
  }
  return Array.isArray(value) ? value.map((each: Value) => plain(each)) : value;
}

/** What is plain enough to log in with: else it is refused, whatever Ansible tries. */
function isPlain(name: string, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (name === "remote_user" && value === "") return true;
  if (z.strictObject({ int: z.string() }).safeParse(value).success) return !name.endsWith("port");
  if (typeof value !== "string" && typeof value !== "number") return false;
  const text = String(value);
  if (text === "" || /\{[{%]/.test(text)) return false;
  const isPort = /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
  return !name.endsWith("port") || isPort;
}

const PAIRS = [
  ["host", "ansible_host", "ansible_ssh_host"],
  ["port", "ansible_port", "ansible_ssh_port"],
  ["remote_user", "ansible_user", "ansible_ssh_user"],
] as const;

/** What the connection uses is what Ansible's own would use; "" is none. */
function compareLogin(host: InventoryHost, theirs: HostAnswer, text: string): void {
  // Of two names only the one that Ansible takes counts.
  const used = PAIRS.map(([option, name, old]) => {
    const [value, other] = [theirs.variables[old], theirs.variables[name]];
    const isSealed = [value, other].some((each) => isDeepStrictEqual(each, { opaque: true }));
    return !isSealed && isPlain(option, value ?? other);
  });
  if (used.includes(false)) {
    assert.throws(() => readConnection(host), UserError, text);
    return;
  }
  const { target = host.name, port, user } = readConnection(host);
  // 1e3 is 1000.0 to Python: nobody is called so.
  const none = (value: unknown): unknown =>
    value === "" ? null : typeof value === "string" ? value.replace(/\.0$/, "") : value;
  assert.deepEqual(
    [target, port ?? null, user ?? null],
    [none(theirs.ssh.host), theirs.ssh.port, none(theirs.ssh.remote_user)],
    text,
  );
}

function readOurs(path: string): readonly InventoryHost[] | string {
  try {
    return readInventory(path).hosts;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

function variablesOf({ variables }: InventoryHost): Record<string, unknown> {
  return Object.fromEntries([...variables].map(([key, value]) => [show(key), plain(value)]));
}

function compareHosts(ours: readonly InventoryHost[], theirs: Answer): void {
  if ("refused" in theirs) assert.fail(`read here, refused there: ${theirs.refused}`);
  const names = ours.map(({ name }) => name).sort();
  assert.deepEqual(names, Object.keys(theirs.hosts).sort());
  for (const host of ours) {
    const other: HostAnswer | undefined = theirs.hosts[host.name];
    if (other === undefined) continue;
    const about = `${host.name}: `;
    assert.deepEqual([...host.groups].sort(), other.groups);
    assert.deepEqual(variablesOf(host), other.variables);
    compareLogin(host, other, about);
  }
}

function compare(ours: readonly InventoryHost[] | string, theirs: Answer): string | undefined {
  if (typeof ours === "string") {
    const isRight = "refused" in theirs || REFUSED_BY_NAME.some((reason) => reason.test(ours));
    return isRight ? undefined : `refused here alone: ${ours}`;
  }
  try {
    compareHosts(ours, theirs);
    return undefined;
  } catch (error) {
    if (error instanceof assert.AssertionError) return error.message;
    throw error;
  }
}

describe("an inventory, as the real Ansible reads it", function () {
  this.timeout(600_000);
  const python = findAnsible();
  let folder = "";

  before(function () {
    if (python === undefined) {
      console.log("    skipped: no ansible-inventory; ANSIBLE_INVENTORY_COMMAND names one");
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "vmstation-ansible-"));
  });

  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true });
  });

  function write(index: number, files: InventoryCase["files"]): string {
    const root = join(folder, String(index));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return root;
  }

  function askAnsible(paths: readonly string[]): Answer[] {
    const script = join(__dirname, "read_inventories.py");
    const ran = spawnSync(python ?? "", ["-B", script], {
      encoding: "utf8",
      input: `${paths.join("\n")}\n`,
      maxBuffer: 2 ** 30,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        ANSIBLE_LOCALHOST_WARNING: "0",
        LANG: "C.UTF-8",
      },
    });
    assert.equal(ran.status, 0, ran.stderr);
    return ran.stdout
      .trimEnd()
      .split("\n")
      .map((line) => answerSchema.parse(JSON.parse(line)));
  }

  it(`is read alike: hosts, groups, variables and the log-in, or refused (seed ${SEED}, ${CASES} cases)`, () => {
    const cases = fc.sample(inventory, { numRuns: CASES, seed: SEED });
    const paths = cases.map(({ files, path }, index) => join(write(index, files), path));
    const answers = askAnsible(paths);
    let accepted = 0;
    const differences: string[] = [];
    for (const [index, theirs] of answers.entries()) {
      const ours = readOurs(paths[index] ?? "");
      if (typeof ours !== "string") accepted++;
      const difference = compare(ours, theirs);
      const files = JSON.stringify(cases[index]?.files, null, 1);
      if (difference !== undefined) differences.push(`case ${index}: ${files}\n${difference}`);
    }
    assert.equal(
      differences.length,
      0,
      `${differences.length} differ:\n${differences.slice(0, 3).join("\n")}`,
    );
    // Else the comparison would be one of refusals.
    assert.ok(accepted > CASES / 4, `only ${accepted} of ${CASES} were read`);
  });

  it("that ansible-inventory wrote in plain is read as the one that it was made of", () => {
    const root = write(CASES, {
      hosts:
        "[kube_node]\nnode[1:2] note='[1, 2]' tricky='a: b # c'\n[kube_node:vars]\nansible_port=22\n",
      "group_vars/all.yml": "ansible_user: yes\nnumber: '08'\ntemplate: '{{ x }}'\n",
      "host_vars/node1.yml": "ansible_user: ops\nwhen: 22:30\n",
    });
    const output = join(root, "plain.yml");
    const words = ["-i", join(root, "hosts"), "--list", "--yaml", "--output", output];
    const ran = spawnSync(ANSIBLE_INVENTORY, words, { encoding: "utf8" });
    assert.equal(ran.status, 0, ran.stderr);
    mkdirSync(join(root, "elsewhere"));
    renameSync(output, join(root, "elsewhere/plain.yml"));
    const read = (path: string): unknown =>
      readInventory(path).hosts.map((host) => [host.name, host.groups, variablesOf(host)]);
    assert.deepEqual(read(join(root, "elsewhere/plain.yml")), read(join(root, "hosts")));
  });
});
