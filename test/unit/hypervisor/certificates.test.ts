import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  hostPem,
  isFor,
  listNames,
  parseCertificate,
  pinnedCertificates,
} from "../../../components/hypervisor/certificates";
import { hypervisorSchema } from "../../../components/hypervisor/config";
import { wakeByApi } from "../../../components/hypervisor/virtual";
import { hypervisorTrustRules } from "../../../stacks/rules/hypervisor-trust";
import { makeAuthority, makeHost } from "../../support/certificates";
import { HYPERVISOR } from "../../support/hypervisor";

const VM = { host: "pve-a", id: 151, cores: 1, sockets: 1, cpuType: "host", disk: 2 ** 34 };

describe("hosts of the hypervisor with certificates of their own", () => {
  let folder: string;
  let a: string;
  let named: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vmstation-certificates-"));
    makeAuthority(folder);
    a = makeHost(folder, ["IP:192.168.8.33", "DNS:pve-a"]).certificate;
    named = makeHost(folder, ["DNS:pve-b.lan"], { isSigned: false }).certificate;
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const configOf = (certificates: Record<string, string>, more: object = {}) =>
    hypervisorSchema.parse({
      ...HYPERVISOR,
      powerTokenSecret: "power",
      hosts: Object.fromEntries(
        Object.entries(HYPERVISOR.hosts).map(([name, host]) => [
          name,
          { ...host, certificate: certificates[name] },
        ]),
      ),
      ...more,
    });

  it("are known by these, each once, beside the authority", () => {
    assert.equal(pinnedCertificates(configOf({})), undefined);
    assert.equal(pinnedCertificates(configOf({ "pve-a": a, "pve-b": a })), a);
    const both = configOf({ "pve-a": a }, { certificateAuthority: named });
    assert.equal(pinnedCertificates(both), `${named}\n${a}`);
  });

  it("are asked at addresses that their certificates are for", () => {
    const config = configOf({ "pve-a": a, "pve-b": named });
    const others = { endpoint: "https://pve-a:8006/" };
    const endpoints = (...changes: object[]) =>
      wakeByApi(VM, Object.assign({ ...config }, ...changes) as typeof config)?.endpoints;
    assert.deepEqual(endpoints(), ["https://192.168.8.33:8006"]);
    assert.deepEqual(endpoints(others), ["https://pve-a:8006", "https://192.168.8.33:8006"]);
    assert.deepEqual(endpoints({ certificateAuthority: a }), [
      "https://192.168.8.33:8006",
      "https://192.168.8.34:8006",
    ]);
  });

  it("have names that are read, without the common name", () => {
    const certificate = parseCertificate(named);
    assert.ok(certificate !== undefined);
    assert.deepEqual(listNames(certificate), ["pve-b.lan"]);
    assert.ok(isFor(certificate, "pve-b.lan") && !isFor(certificate, "pve-a"));
    assert.equal(hostPem.safeParse(a.replace("MII", "AAA")).success, false);
  });

  it("are refused where no address fits to them, by the key", () => {
    const problems = (...args: Parameters<typeof configOf>) =>
      hypervisorTrustRules(configOf(...args)).map(({ path, found }) => `${path}: ${found}`);
    assert.deepEqual(problems({}), []);
    assert.deepEqual(problems({ "pve-a": a }), []);
    // By the name at which it is asked.
    assert.deepEqual(problems({ "pve-b": named }, { endpoint: "https://pve-b.lan:8006" }), []);
    assert.deepEqual(problems({ "pve-a": a, "pve-b": named }), [
      "hypervisor.hosts.pve-b.certificate: one for pve-b.lan",
    ]);
    assert.deepEqual(problems({ "pve-a": a }, { endpoint: "https://pve.lan:8006" }), [
      "hypervisor.endpoint: https://pve.lan:8006, which no certificate under hypervisor.hosts is for",
    ]);
    const signed = { endpoint: "https://pve.lan:8006", certificateAuthority: a };
    assert.deepEqual(problems({ "pve-a": a }, signed), []);
  });
});
