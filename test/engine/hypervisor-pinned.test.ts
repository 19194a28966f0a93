import assert from "node:assert/strict";
import { FakePve } from "./fake-pve";
import { HYPERVISOR, useVirtualLab } from "./virtual-lab";

const KEY = "hypervisor.hosts.pve-a.certificate";

describe("a hypervisor whose authority this computer trusts, by Pulumi's engine", () => {
  const { pve, lab, upByVerb } = useVirtualLab();
  const refresh = () => lab().verb(["refresh", "--yes", "--target", HYPERVISOR.target[0] ?? ""]);

  it("makes the machines, and is asked again, where nothing is pinned", async () => {
    const { code, output } = await upByVerb();
    assert.equal(code, 0, output);
    const again = await refresh();
    assert.equal(again.code, 0, again.output);
  });

  it("is not known to the provider where another certificate is pinned", async () => {
    const other = await FakePve.start();
    assert.ok(!("missing" in other));
    other.stop();
    lab().set(`${KEY}=${JSON.stringify(other.certificate)}`);
    const { code, output } = await refresh();
    assert.notEqual(code, 0, output);
    assert.match(output, /x509: certificate signed by unknown authority/);
  });

  it("is known again by its own, and nothing changes", async () => {
    lab().set(`${KEY}=${JSON.stringify(pve().certificate)}`);
    for (const { code, output } of [await refresh(), await upByVerb()])
      assert.equal(code, 0, output);
    assert.ok((await lab().up({ ...HYPERVISOR, expectNoChanges: true })).ok);
  });
});

describe("a hypervisor that is known by its own certificate, by Pulumi's engine", () => {
  const { pve, lab, asked, upByVerb } = useVirtualLab({ trusts: "nothing" });

  it("is asked for nothing by the provider where nobody knows its certificate", async () => {
    const update = await lab().up(HYPERVISOR);
    assert.ok(!update.ok);
    assert.match(update.output, /x509: certificate signed by unknown authority/);
    assert.deepEqual(await asked(), []);
  });

  it("is asked for nothing where it shows another certificate, and the error says what to do", async () => {
    const other = await FakePve.start();
    assert.ok(!("missing" in other));
    other.stop();
    lab().set(`${KEY}=${JSON.stringify(other.certificate)}`);
    const { code, output } = await upByVerb();
    assert.notEqual(code, 0);
    assert.match(
      output.replaceAll(/\s+/g, " "),
      /npx vmstation .*trust --stack virtual --hypervisor/,
    );
    assert.deepEqual(await asked(), []);
  });

  it("makes the machines where it shows its own", async () => {
    lab().set(`${KEY}=${JSON.stringify(pve().certificate)}`);
    const { code, output } = await upByVerb();
    assert.equal(code, 0, output);
    for (const id of [151, 152]) assert.equal(await pve().call("status", id), "running");
  });
});
