import assert from "node:assert/strict";
import { PROVIDER_TRUST } from "../../../components/hypervisor/certificates";
import {
  findCertificates,
  renderCertificateFolders,
  renderTrust,
} from "../../../scripts/kit/pulumi/authority";
import { findLostNetworks } from "../../../scripts/kit/pulumi/networks";
import {
  findHalfChanged,
  findLostMachines,
  findShrunkDisks,
} from "../../../scripts/kit/pulumi/virtual-machines";

const URN =
  "urn:pulumi:jigga::vmstation::vmstation:hypervisor:Hypervisor$proxmoxve:index/vmLegacy:VmLegacy::hypervisor-vm-naruto";

const VM = {
  urn: URN,
  type: "proxmoxve:index/vmLegacy:VmLegacy",
  inputs: { name: "naruto", vmId: 224, nodeName: "pve-b" },
};
const STATE = [
  { urn: "urn:pulumi:jigga::vmstation::pulumi:pulumi:Stack::s", type: "pulumi:pulumi:Stack" },
  VM,
];

function lost(machines: unknown): string[] {
  const config = new Map([["vmstation:machines", machines]]);
  return findLostMachines(STATE, { config, project: "vmstation", stack: "jigga" });
}

describe("a virtual machine that an update would lose", () => {
  it("is none where its number stays, wherever it runs", () => {
    assert.deepEqual(lost({ naruto: { vm: { id: 224, host: "pve-c" } } }), []);
  });

  it("is named with its key where its number changes", () => {
    const [text = ""] = lost({ naruto: { vm: { id: 225 } } });
    assert.match(
      text,
      /^machines\.naruto\.vm\.id is 225, and naruto is virtual machine 224 on pve-b/,
    );
    assert.match(text, /Write 224 again/);
  });

  for (const [what, machines] of [
    ["has left the configuration", { sasuke: {} }],
    ["is a real one there", { naruto: { address: "192.168.8.24" } }],
  ] as const)
    it(`is named with the command that lets it go where it ${what}`, () => {
      const [text = ""] = lost(machines);
      assert.match(text, /number 224 on pve-b/);
      assert.ok(
        text.endsWith(`npx vmstation pulumi state unprotect '${URN}' --yes --stack jigga`),
        text,
      );
    });
});

describe("a disk that an update would make smaller", () => {
  const find = (disk: unknown, disks: readonly unknown[] = [{ size: 96 }]): string[] =>
    findShrunkDisks([{ ...VM, inputs: { ...VM.inputs, disks } }], {
      config: new Map([["vmstation:machines", { naruto: { vm: { id: 224, disk } } }]]),
      ...{ project: "vmstation", stack: "jigga" },
    });

  it("is named with its size", () => {
    assert.deepEqual(find("64Gi"), [
      "machines.naruto.vm.disk is 64Gi, and the disk of naruto has 96Gi: no disk is made smaller, since its end would be " +
        "lost. Write 96Gi.",
    ]);
  });

  it("is none where it stays or grows, and where nothing can be compared", () => {
    for (const disk of ["96Gi", "0.125Ti", "128Gi", undefined, "much"])
      assert.deepEqual(find(disk), [], String(disk));
    assert.deepEqual(find("64Gi", []), []);
    assert.equal(find("95Gi").length, 1);
  });
});

describe("a network of Proxmox that an update would lose", () => {
  const urn =
    "urn:pulumi:jigga::vmstation::vmstation:hypervisor:Hypervisor$proxmoxve:sdn/vnet:Vnet::hypervisor-vnet";
  const state = [{ urn, type: "proxmoxve:sdn/vnet:Vnet", inputs: { resourceId: "homenet" } }];
  const find = (network: unknown): string[] =>
    findLostNetworks(state, {
      config: new Map([["vmstation:hypervisor", { network }]]),
      ...{ project: "vmstation", stack: "jigga" },
    });

  it("is none where its name stays", () => {
    assert.deepEqual(find({ manage: true, zone: "z2", vnet: "homenet" }), []);
  });

  for (const [what, network, words] of [
    [
      "has another name",
      { manage: true, vnet: "newnet" },
      /network\.vnet is newnet, and .* homenet/,
    ],
    ["is left to somebody else", { vnet: "homenet" }, /not managed any more, .* the vnet homenet/],
    ["has left the configuration", undefined, /not managed any more/],
  ] as const)
    it(`is named with the command that lets it go where it ${what}`, () => {
      const [text = ""] = find(network);
      assert.match(text, words);
      assert.match(text, /it stays in Proxmox/);
      assert.ok(
        text.endsWith(`npx vmstation pulumi state unprotect '${urn}' --yes --stack jigga`),
        text,
      );
    });
});

describe("a virtual machine whose last change failed", () => {
  it("is known by what the engine has noted in its state", () => {
    assert.deepEqual(findHalfChanged(STATE), []);
    const failed = STATE.map((each) => ({ ...each, initErrors: ["VM is locked (backup)"] }));
    assert.deepEqual(findHalfChanged(failed), [URN]);
    assert.deepEqual(findHalfChanged(STATE.map((each) => ({ ...each, initErrors: [] }))), []);
  });
});

describe("the hypervisor's certificates", () => {
  it("is read from the stack's file, with anything else there", () => {
    const pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
    const config = { "vmstation:hypervisor": { certificateAuthority: `${pem}\n`, other: 1 } };
    assert.equal(findCertificates({ config, encryptionsalt: "x" }), pem);
    const hosts = { a: { certificate: `${pem}\n` }, b: { certificate: "another" }, c: {} };
    const both = { "vmstation:hypervisor": { certificateAuthority: pem, hosts } };
    assert.equal(findCertificates({ config: both }), `${pem}\nanother`);
    for (const content of [{}, { config: {} }, { config: { "vmstation:hypervisor": {} } }, null])
      assert.equal(findCertificates(content), undefined);
  });

  it("is trusted beside the system's own ones", () => {
    assert.equal(
      renderCertificateFolders(undefined, "/private"),
      "/etc/ssl/certs:/etc/pki/tls/certs:/private",
    );
    assert.equal(renderCertificateFolders("/own", "/private"), "/own:/private");
  });

  it("are all that the provider's own process trusts, and change nothing else for the others", () => {
    const { SSL_CERT_DIR, ...others } = renderTrust({ SSL_CERT_DIR: "/own" }, "/private/a.pem");
    assert.equal(SSL_CERT_DIR, "/own:/private");
    // As the engine does it.
    const its = Object.entries(PROVIDER_TRUST).map(([ours, name]) => [name, others[ours]]);
    assert.deepEqual(Object.fromEntries(its), {
      SSL_CERT_FILE: "/private/a.pem",
      SSL_CERT_DIR: "/private",
    });
    assert.deepEqual(Object.keys(others).sort(), Object.keys(PROVIDER_TRUST).sort());
  });
});
