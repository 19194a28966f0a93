import assert from "node:assert/strict";
import { fixed } from "../../../components/bootstrap/kubeadm/fixed";
import { renderFixedRecord, renderRefusal } from "../../../components/bootstrap/preview-fixed";
import type { Change } from "../../support/homelab";
import { NODE_NETWORK } from "../../support/node-network";
import { argsOf } from "./sites";

const moved = (address: string): readonly Change[] => [
  ...NODE_NETWORK,
  [["machines", "hazel", "clusterAddress"], address],
];
const key = (text: string): Change => [["machines", "hazel", "hostKey"], `ssh-ed25519 ${text}`];

/** What the stack has recorded of a cluster, and what a preview of another configuration says of it. */
function record(changes: readonly Change[]): string {
  const args = argsOf("kubeadm", {}, ...changes);
  return renderFixedRecord(fixed(args), args.machines);
}

function preview(changes: readonly Change[], last: string): string[] {
  const args = argsOf("kubeadm", {}, ...changes);
  const said = renderRefusal(fixed(args), args.machines, last)?.split("\n") ?? [];
  return said.filter((line) => !line.startsWith("to do: "));
}

const refusal = (name: string, was: string, wanted: string): string =>
  `\`up\` will be refused: vmstation:machines.${name}.clusterAddress: the cluster has ${was}, the configuration says ${wanted}`;

describe("a preview of the addresses that a cluster knows its machines by", () => {
  const [own, plain] = [record(NODE_NETWORK), record([])];

  it("says nothing where they are as they were", () => {
    assert.deepEqual(preview(NODE_NETWORK, own), []);
    assert.deepEqual(preview([], plain), []);
  });

  it("warns of another one, of one more and of one less", () => {
    assert.deepEqual(preview(moved("10.0.0.99"), own), [
      refusal("hazel", "10.0.0.12", "10.0.0.99"),
    ]);
    const all = { maple: "10.0.0.10", spruce: "10.0.0.11", hazel: "10.0.0.12" };
    const expected = (line: (name: string, address: string) => string): string[] =>
      Object.entries(all)
        .map(([name, address]) => line(name, address))
        .sort();
    assert.deepEqual(
      preview(NODE_NETWORK, plain).sort(),
      expected((name, address) => refusal(name, "none", address)),
    );
    assert.deepEqual(
      preview([], own).sort(),
      expected((name, address) => refusal(name, address, "none")),
    );
  });

  it("lets a machine have another one that joins, or is another machine by its host key", () => {
    const without = JSON.parse(own) as { members: Record<string, unknown> };
    delete without.members.hazel;
    assert.deepEqual(preview(moved("10.0.0.99"), JSON.stringify(without)), []);
    const before = record([...NODE_NETWORK, key("AAAAC3NzaC1lZDI1NTE5AAAAIA")]);
    const again = [...moved("10.0.0.99"), key("AAAAC3NzaC1lZDI1NTE5AAAAIB")];
    assert.deepEqual(preview(again, before), []);
    assert.equal(
      preview([...moved("10.0.0.99"), key("AAAAC3NzaC1lZDI1NTE5AAAAIA")], before).length,
      1,
    );
  });

  it("does not guess by an earlier version's record, which names no machines", () => {
    const { fixed: kept } = JSON.parse(plain) as { fixed: unknown };
    assert.deepEqual(preview(NODE_NETWORK, JSON.stringify({ fixed: kept })), []);
  });
});
