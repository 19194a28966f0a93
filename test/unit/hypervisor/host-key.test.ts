import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse } from "yaml";
import {
  findUnequal,
  publicHalf,
  renderVendorData,
} from "../../../components/hypervisor/render-host-key";
import { listReachableHosts } from "../../../components/hypervisor/hosts";
import { neededRights } from "../../../components/hypervisor/rights";
import { isVirtual } from "../../../components/hypervisor/virtual";
import type { Change } from "../../support/homelab";
import { HOST_ASLEEP, HOST_SLEEPS, HYPERVISOR_KEY, keyed, VIRTUAL } from "../../support/hypervisor";
import type { Recorded } from "../../support/mocks";
import { homelabSite } from "../../support/site";
import { ancestorsOf } from "../../support/stack";
import { recordHypervisor } from "./record";

const VM = "hypervisor-vm-maple";

/** A key by ssh-keygen itself. */
function makeKey(...options: readonly string[]): { private: string; public: string } {
  const folder = mkdtempSync(path.join(tmpdir(), "vmstation-host-key-"));
  try {
    const file = path.join(folder, "key");
    execFileSync("ssh-keygen", ["-q", "-N", "", "-f", file, ...options]);
    return { private: readFileSync(file, "utf8"), public: readFileSync(`${file}.pub`, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the host key of a machine that is not made yet", () => {
  before(function () {
    if (spawnSync("ssh-keygen", ["-l"]).error === undefined) return;
    console.log("    skipped: no ssh-keygen on the PATH");
    this.skip();
  });

  it("has the public half that ssh-keygen says", () => {
    const key = makeKey("-t", "ed25519");
    assert.equal(publicHalf(key.private), key.public.split(" ").slice(0, 2).join(" "));
    assert.equal(publicHalf(key.private.replaceAll("\n", "\r\n")), publicHalf(key.private));
  });

  it("is refused where the other half is another key's", () => {
    const key = makeKey("-t", "ed25519");
    const machine = homelabSite(...keyed())
      .machines.filter(isVirtual)
      .find(({ name }) => name === "maple");
    assert.ok(machine);
    assert.match(
      findUnequal(machine, key.private) ?? "",
      /^machines\.maple\.hostKey is not the public half of the secret mapleHostKey/,
    );
    assert.equal(
      findUnequal({ ...machine, hostKey: publicHalf(key.private) }, key.private),
      undefined,
    );
  });

  it("stops the making of the machine where the other half is another key's", async () => {
    const key = makeKey("-t", "ed25519");
    const secrets = { proxmoxToken: "vmstation@pve!pulumi=s3cret", mapleHostKey: key.private };
    await assert.rejects(
      recordHypervisor(keyed(), secrets),
      /machines\.maple\.hostKey is not the public half of the secret/,
    );
    await recordHypervisor(keyed(publicHalf(key.private)), secrets);
  });

  it("is taken for none where it is of another kind, encrypted or cut", () => {
    const key = makeKey("-t", "ed25519");
    const others = [
      makeKey("-t", "ecdsa").private,
      makeKey("-t", "ed25519", "-N", "a passphrase").private,
      ...[key.public, "", key.private.split("\n").slice(0, 2).join("\n")],
    ];
    assert.deepEqual(
      others.map((other) => publicHalf(other)),
      others.map(() => undefined),
    );
  });

  it("comes to the machine as cloud-init reads it: both halves, and no other key", () => {
    const key = makeKey("-t", "ed25519");
    const hostKey = publicHalf(key.private) ?? "";
    const text = renderVendorData("maple", hostKey, key.private);
    assert.ok(text.startsWith("#cloud-config\n"));
    assert.deepEqual(parse(text), {
      ssh_deletekeys: true,
      ssh_keys: {
        ed25519_private: key.private,
        ed25519_public: `${hostKey} maple`,
      },
    });
  });
});

describe("a machine that is made with a known host key", () => {
  let graph: Recorded[];
  before(async () => {
    // As a plan has it, which cannot read secrets.
    const secrets = { proxmoxToken: "vmstation@pve!pulumi=s3cret", mapleHostKey: "[secret]" };
    graph = await recordHypervisor(keyed(), secrets);
  });
  const get = (name: string): Recorded => {
    const found = graph.find((resource) => resource.name === name);
    assert.ok(found, name);
    return found;
  };

  it("gets it from a file that is on its host before, and on each other host that it may move to", () => {
    const brought = graph.map(({ name }) => name).filter((name) => name.includes("host-key"));
    assert.deepEqual(brought, ["hypervisor-host-key-pve-a-maple"]);
    assert.ok(ancestorsOf(graph, VM).has("hypervisor-host-key-pve-a-maple"));
    // Its host may be woken for the key, so the image comes after it; that of the other host need not.
    for (const [host, waits] of [
      ["pve-a", true],
      ["pve-b", false],
    ] as const) {
      const before = ancestorsOf(graph, `hypervisor-image-${host}`);
      assert.equal(before.has("hypervisor-host-key-pve-a-maple"), waits);
    }
    const { initialization } = get(VM).inputs;
    assert.deepEqual(initialization, {
      ...(initialization as object),
      vendorDataFileId: "local:snippets/vmstation-263.yaml",
    });
  });

  it("has its file written by SSH as a secret, and kept whatever happens", () => {
    const { inputs, secretInputs } = get("hypervisor-host-key-pve-a-maple");
    assert.ok(secretInputs.includes("stdin"));
    assert.equal(inputs.delete, undefined);
    const { host, port, user, hostKey } = inputs.connection as Record<string, unknown>;
    assert.deepEqual([host, port, user, hostKey], ["192.168.8.33", 22, "root", HYPERVISOR_KEY]);
    assert.match(
      String(inputs.stdin),
      /'\/var\/lib\/vz\/snippets\/vmstation-263\.yaml' 0600 'root:root' none secret /,
    );
  });

  it("leaves the others as they were, which make keys of their own", () => {
    const { initialization } = get("hypervisor-vm-spruce").inputs;
    assert.ok(!("vendorDataFileId" in (initialization as object)));
  });
});

describe("the token of a machine that is made with a known host key", () => {
  const rightsIn = (...changes: readonly Change[]) => {
    const { config, machines } = homelabSite(...changes);
    assert.ok(config.hypervisor !== undefined);
    const rights = neededRights(config.hypervisor, [], machines.filter(isVirtual));
    return (name: string) => [...(rights[`/storage/${name}`] ?? [])].sort();
  };
  const IMAGES = ["Datastore.AllocateSpace", "Datastore.AllocateTemplate", "Datastore.Audit"];
  const on = (name: string): Change => [["hypervisor", "snippets", "storage"], name];

  it("sees the storage of the snippets, and needs that for no other machine", () => {
    assert.deepEqual(rightsIn(...keyed(), on("cephfs"))("cephfs"), ["Datastore.Audit"]);
    assert.deepEqual(rightsIn(...VIRTUAL, on("cephfs"))("cephfs"), []);
  });

  it("keeps its other rights where the storage is that of the images or of the disks", () => {
    assert.deepEqual(rightsIn(...keyed())("local"), IMAGES);
    const one = rightsIn(...keyed(), on("ceph-pool"));
    assert.deepEqual(one("ceph-pool"), ["Datastore.AllocateSpace", "Datastore.Audit"]);
    const images: Change = [["hypervisor", "image", "storage"], "ceph-pool"];
    assert.deepEqual(rightsIn(...keyed(), on("ceph-pool"), images)("ceph-pool"), IMAGES);
  });
});

describe("the hosts that the key of a machine is brought to", () => {
  const hostsIn = (...changes: readonly Change[]) => {
    const { config, machines } = homelabSite(...changes);
    return listReachableHosts(config.hypervisor, machines.filter(isVirtual), {
      ...{ awake: 15, asleep: 600 },
    });
  };
  const asleep: readonly Change[] = [
    ...HOST_ASLEEP,
    [["hypervisor", "hosts", "pve-b", "ssh"], { hostKey: HYPERVISOR_KEY }],
  ];

  it("are woken before it where they sleep by their own settings", () => {
    // What makes the stack virtual comes first in both.
    const [first, second] = hostsIn(...asleep, ...keyed().slice(VIRTUAL.length));
    assert.deepEqual([first?.name, first?.sleeps, first?.patience], ["pve-a", false, 15]);
    assert.deepEqual([second?.name, second?.sleeps, second?.patience], ["pve-b", true, 600]);
    assert.equal(second?.mac, HOST_SLEEPS.mac);
  });

  it("are named where they do not answer, with the machine and the reason", () => {
    const [host] = hostsIn(...keyed());
    assert.match(
      host?.foreign?.unreachable ?? "",
      /must be on while SSH host keys .* \(maple\).*Switch pve-a on.*remove vmstation:hypervisor\.hosts\.pve-a\.ssh$/,
    );
    assert.match(host?.foreign?.otherKey ?? "", /hypervisor\.hosts\.pve-a\.ssh\.hostKey$/);
  });

  it("are none without such a machine, though they are reached by SSH", () => {
    assert.deepEqual(hostsIn(...asleep), []);
  });
});
