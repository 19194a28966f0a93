import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A house as Ansible's INI inventory has it: ranges, ports, groups of groups, variables of hosts and of groups. */
export const INI = `
# The house
lonely.lan:2222

[kube_control_plane]
maple ansible_host=192.168.8.63  # always on

[kube_node]
node[01:03:2].lan ansible_user="ops team" rack='a b' # two of them
big-[a:b]   ansible_host=192.168.8.9

[etcd:children]
kube_control_plane

[k8s_cluster:children]
kube_control_plane
kube_node

[k8s_cluster:vars]
ansible_user = robin
note = a # is a part; of "it"

[kube_node:vars]
ansible_port=2022
`;

/** A folder of inventories, for the tests of one describe. */
export class InventoryFolder {
  path = "";

  constructor() {
    beforeEach(() => {
      this.path = mkdtempSync(join(tmpdir(), "vmstation-inventory-"));
    });
    afterEach(() => {
      rmSync(this.path, { recursive: true });
    });
  }

  /** Writes a file and returns its path. */
  put(name: string, text: string): string {
    const file = join(this.path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }
}
