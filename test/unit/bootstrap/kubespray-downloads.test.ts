import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { HOME, inventoryFiles } from "../../../components/bootstrap/kubespray/steps";
import { methodOf } from "../../../components/bootstrap/methods";
import { argsOf, THREE_CONTROL_PLANES, type ArgsOf } from "./sites";

/** KUBESPRAY_DIR: a checkout of the pinned tag. ANSIBLE_PLAYBOOK: that of a venv of its requirements. */
const CHECKOUT = process.env.KUBESPRAY_DIR ?? "";
const ANSIBLE = process.env.ANSIBLE_PLAYBOOK ?? "";

/** Writes what roles/download would download on each machine, by Kubespray's own variables. */
const PLAYBOOK = `
- hosts: k8s_cluster:etcd
  connection: local
  gather_facts: true
  roles: [{ role: kubespray_defaults, when: false }]
  tasks:
    - copy:
        dest: "{{ result }}/{{ inventory_hostname }}.json"
        content: "{{ wanted }}"
      delegate_to: localhost
      become: false
      vars:
        wanted: >-
          {% for k in downloads %}{% set d = downloads[k] %}
          {% if d.enabled | bool and group_names | intersect(d.groups) | length > 0 %}
          LINE {{ (d.repo ~ ':' ~ d.tag) if d.container | default(false) | bool else
          (d.url ~ ' ' ~ (d.checksum | trim)) }}
          {% endif %}{% endfor %}
`;

/** They come from `kubeadm config images list`, on every machine. */
const BY_KUBEADM = ["kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler"];

describe("what Kubespray's own role downloads", function () {
  this.timeout(300_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-kubespray-"));
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  function ask(args: ArgsOf<"kubespray">): Map<string, string[]> {
    for (const { path: place, content } of inventoryFiles(args)) {
      const file = path.join(folder, path.posix.relative(HOME, place));
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, content);
    }
    const playbook = path.join(CHECKOUT, ".vmstation-downloads.yml");
    fs.writeFileSync(playbook, PLAYBOOK);
    const python = path.join(path.dirname(ANSIBLE), "python");
    const ran = spawnSync(
      ANSIBLE,
      [
        ...["-i", path.join(folder, "inventory/hosts.yaml"), playbook, "-e", `result=${folder}`],
        ...["-e", `kube_version=${args.config.kubernetesVersion}`, "-e", "ansible_become=false"],
        ...["-e", `ansible_python_interpreter=${python}`, "-e", "host_architecture=amd64"],
      ],
      { cwd: CHECKOUT, encoding: "utf8", env: { ...process.env, HOME: folder } },
    );
    fs.rmSync(playbook);
    assert.equal(ran.status, 0, ran.stdout + ran.stderr);
    return new Map(
      args.machines.map(({ name }) => {
        const text = fs.readFileSync(path.join(folder, `${name}.json`), "utf8");
        return [
          name,
          [...text.matchAll(/LINE (\S+(?: sha256:\S+)?)/g)].map(([, one = ""]) => one).sort(),
        ];
      }),
    );
  }

  const addons = { metallb: true, nodeLocalDns: true, certManager: true, registry: true };
  const clusters: readonly (readonly [string, ArgsOf<"kubespray">])[] = [
    ["as it is", argsOf("kubespray")],
    ["with every add-on", argsOf("kubespray", { addons })],
    ["without any", argsOf("kubespray", { addons: { helm: false, metricsServer: false } })],
    ["of an older version", argsOf("kubespray", { kubernetesVersion: "1.33.5" })],
    ["with three control planes", argsOf("kubespray", {}, ...THREE_CONTROL_PLANES)],
  ];
  for (const [title, args] of clusters) {
    it(`is what is listed, for the homelab ${title}`, function () {
      if (CHECKOUT === "" || ANSIBLE === "") this.skip();
      const { files, images } = methodOf(args.config).downloads(args, "amd64");
      const byMachine = ask(args);
      for (const [machine, wanted] of byMachine) {
        const own = files
          .filter(({ machines }) => machines.includes(machine))
          .map(({ url, sha256 }) => `${url} sha256:${sha256 ?? ""}`);
        assert.deepEqual(
          wanted.filter((one) => one.includes("://")),
          own.sort(),
          machine,
        );
        const known = images.filter(({ machines }) => machines.includes(machine));
        const names = new Set(known.map(({ image }) => image));
        for (const image of wanted.filter((one) => !one.includes("://")))
          assert.ok(names.has(image), `${machine}: ${image}`);
      }
      const asked = new Set([...byMachine.values()].flat());
      const unasked = images.map(({ image }) => image).filter((image) => !asked.has(image));
      assert.deepEqual(
        unasked.map((image) => image.replace(/^registry\.k8s\.io\/(.*):v.*$/, "$1")).sort(),
        BY_KUBEADM,
      );
    });
  }
});
