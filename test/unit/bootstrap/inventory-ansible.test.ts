import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { insteadOf } from "../../../components/bootstrap/kubespray/owned-variables";
import { variableGroups } from "../../../components/bootstrap/kubespray/render-wanted";
import { HOME, inventoryFiles } from "../../../components/bootstrap/kubespray/steps";
import type { Change } from "../../support/homelab";
import { python } from "./python";
import { argsOf, THREE_CONTROL_PLANES, type ArgsOf } from "./sites";

function withInventory(args: ArgsOf<"kubespray">, use: (folder: string) => void): void {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-inventory-"));
  try {
    for (const file of inventoryFiles(args)) {
      const target = path.join(folder, path.relative(HOME, file.path));
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, file.content);
    }
    use(folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

describe("the real Ansible", function () {
  this.timeout(60_000);
  const ansible = process.env.ANSIBLE_INVENTORY_COMMAND ?? "ansible-inventory";
  before(function () {
    // Not part of a checkout's own dependencies; test/rig installs it.
    if (spawnSync(ansible, ["--version"]).status !== 0) this.skip();
  });

  it("reads groups, host variables and group variables out of the inventory", () => {
    const listed = z.looseObject({
      _meta: z.object({ hostvars: z.record(z.string(), z.record(z.string(), z.unknown())) }),
      kube_node: z.object({ hosts: z.array(z.string()) }),
      etcd: z.object({ hosts: z.array(z.string()) }),
      k8s_cluster: z.object({ children: z.array(z.string()) }),
    });
    withInventory(argsOf("kubespray"), (folder) => {
      const hosts = path.join(folder, "inventory/hosts.yaml");
      const ran = spawnSync(ansible, ["-i", hosts, "--list"], { encoding: "utf8" });
      assert.equal(ran.status, 0, ran.stderr);
      const list = listed.parse(JSON.parse(ran.stdout));
      assert.deepEqual(list.kube_node.hosts.sort(), ["hazel", "spruce"]);
      assert.deepEqual(list.etcd.hosts, ["maple"]);
      assert.deepEqual(list.k8s_cluster.children.sort(), ["kube_control_plane", "kube_node"]);
      const vars = list._meta.hostvars.hazel ?? {};
      assert.equal(vars.ansible_host, "192.168.8.62");
      assert.equal(vars.kube_proxy_mode, "nftables");
      assert.equal(vars.etcd_metrics_port, 2381);
    });
  });
});

/** Names of variables: those that our own files set, and others that sort before, between and after them. */
function namesFor(rounds: number, seed: number): string[][] {
  const ours = Object.values(variableGroups(argsOf("kubespray"))).flatMap(({ variables }) =>
    Object.keys(variables),
  );
  const some = fc.uniqueArray(
    fc.oneof(fc.constantFrom(...ours), fc.stringMatching(/^[a-z][a-z0-9_]{2,30}$/)),
    { minLength: 150, maxLength: 250 },
  );
  return fc.sample(some, { numRuns: rounds, seed });
}

describe("a user's variables, by the real Ansible", function () {
  this.timeout(600_000);
  const ansible = process.env.ANSIBLE_INVENTORY_COMMAND ?? "ansible-inventory";
  const playbook = process.env.ANSIBLE_PLAYBOOK_COMMAND ?? "ansible-playbook";
  before(function () {
    if (spawnSync(ansible, ["--version"]).status !== 0) {
      console.log("      no Ansible here: whose variables win is not compared");
      this.skip();
    }
  });

  /** Each name with a value of its own. */
  const valuesOf = (names: readonly string[]) =>
    Object.fromEntries(names.map((name, i) => [name, `user-${i}`]));
  const hostvars = z.looseObject({
    _meta: z.object({ hostvars: z.record(z.string(), z.record(z.string(), z.unknown())) }),
  });

  it("win over everything that this program sets for a group, whatever they are called", () => {
    const cases = Number(process.env.VMSTATION_CASES ?? 200);
    const seed = Number(process.env.VMSTATION_SEED ?? Date.now() % 1_000_000);
    let compared = 0;
    for (const names of namesFor(Math.max(1, Math.ceil(cases / 200)), seed)) {
      const variables = valuesOf(names);
      withInventory(argsOf("kubespray", { variables }), (folder) => {
        const hosts = path.join(folder, "inventory/hosts.yaml");
        const ran = spawnSync(ansible, ["-i", hosts, "--list"], {
          ...{ encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
        });
        assert.equal(ran.status, 0, ran.stderr);
        const { hostvars: found } = hostvars.parse(JSON.parse(ran.stdout))._meta;
        for (const name of names) {
          assert.equal(found.hazel?.[name], variables[name], `${name}, seed ${seed}`);
          compared += 1;
        }
      });
    }
    console.log(`      ${compared} variables compared, seed ${seed}`);
  });

  it("win over the defaults of Kubespray's roles, or are refused", function () {
    const checkout = process.env.KUBESPRAY_DIR;
    if (checkout === undefined) return this.skip();
    const known = z.object({ defaults: z.array(z.string()), kept: z.array(z.string()) }).parse(
      python(
        `
import variables
role = ("roles/kubespray_defaults/defaults/main/*.yml",)
kept = variables.kept_by_roles(given) & variables.named_in(given, ("roles/kubespray_defaults/vars/main/*.yml",))
settable = lambda names: sorted(n for n in names if not n.startswith("_"))
answer = {"defaults": settable(variables.named_in(given, role)), "kept": settable(kept)}
`,
        checkout,
      ),
    );
    const names = [...known.defaults, ...known.kept];
    const variables = valuesOf(names);
    withInventory(argsOf("kubespray", { variables }), (folder) => {
      const out = path.join(folder, "values.json");
      const play = {
        ...{ hosts: "maple", gather_facts: false, connection: "local" },
        // Its variables count also where its tasks are skipped.
        roles: [{ role: "kubespray_defaults", when: false }],
        tasks: [
          {
            copy: {
              content: `{{ dict(names | zip(names | map('extract', vars))) | to_json }}`,
              dest: out,
            },
            vars: { names },
          },
        ],
      };
      fs.writeFileSync(path.join(folder, "play.yml"), stringify([play]));
      const args = ["-i", path.join(folder, "inventory/hosts.yaml"), path.join(folder, "play.yml")];
      const here = JSON.stringify({
        ansible_become: false,
        ansible_python_interpreter: "/usr/bin/python3",
      });
      const env = { ...process.env, ANSIBLE_ROLES_PATH: path.join(checkout, "roles") };
      const ran = spawnSync(playbook, [...args, "-e", here], { env, encoding: "utf8" });
      assert.equal(ran.status, 0, `${ran.stdout}${ran.stderr}`);
      const found = z
        .record(z.string(), z.unknown())
        .parse(JSON.parse(fs.readFileSync(out, "utf8")));
      const losers = names.filter((name) => found[name] !== variables[name]);
      const refused = (name: string) => known.kept.includes(name) || insteadOf(name) !== undefined;
      assert.deepEqual(
        losers.filter((name) => !refused(name)),
        [],
      );
      assert.deepEqual(
        known.kept.filter((name) => !losers.includes(name)),
        [],
      );
      console.log(
        `      ${names.length} variables compared, ${losers.length} lose and are refused`,
      );
    });
  });
});

describe("a checkout of Kubespray", () => {
  const checkout = process.env.KUBESPRAY_DIR;
  before(function () {
    if (checkout === undefined) this.skip();
  });

  it("knows every variable that is set, and none that is misspelt", () => {
    withInventory(argsOf("kubespray", { sources: { files: "http://mirror" } }), (folder) => {
      const names = fs
        .readdirSync(path.join(folder, "inventory/group_vars/all"))
        .flatMap((file) => {
          const text = fs.readFileSync(path.join(folder, "inventory/group_vars/all", file), "utf8");
          return Object.keys(z.record(z.string(), z.unknown()).parse(parse(text)));
        });
      const strangers = python(
        `
import variables
answer = variables.unknown(set(given["names"]), variables.known_to(given["checkout"]))
`,
        { names: [...names, "calico_ipip_mod"], checkout },
      );
      assert.deepEqual(strangers, ["calico_ipip_mod"]);
    });
  });

  it("accepts the inventory of one control plane and of three, with and without RHEL 10", function () {
    this.timeout(300_000);
    const playbook = process.env.ANSIBLE_PLAYBOOK_COMMAND ?? "ansible-playbook";
    if (spawnSync(playbook, ["--version"]).status !== 0) this.skip();
    const debian: Change = [["machines", "hazel", "os"], "debian-12"];
    for (const changes of [[], THREE_CONTROL_PLANES, [debian], [...THREE_CONTROL_PLANES, debian]]) {
      withInventory(argsOf("kubespray", {}, ...changes), (folder) => {
        // The tag's own checks of an inventory, run here rather than on the machines that it names.
        const local = path.join(folder, "validate.yml");
        const roles = ["dynamic_groups", "validate_inventory"];
        fs.writeFileSync(local, stringify([{ hosts: "all", gather_facts: false, roles }]));
        const hosts = [
          "-i",
          path.join(folder, "inventory/hosts.yaml"),
          "-e",
          "kube_version=1.35.4",
        ];
        const here = ["-e", JSON.stringify({ ansible_connection: "local", ansible_become: false })];
        const env = { ...process.env, ANSIBLE_ROLES_PATH: path.join(checkout ?? "", "roles") };
        const play = (...args: string[]) =>
          spawnSync(playbook, [...hosts, ...args], { cwd: checkout, env, encoding: "utf8" });
        const syntax = play("cluster.yml", "--syntax-check");
        assert.equal(syntax.status, 0, syntax.stderr);
        const validated = play(...here, "-e", "ansible_python_interpreter=auto", local);
        assert.equal(validated.status, 0, validated.stdout);
      });
    }
  });
});
