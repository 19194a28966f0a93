import assert from "node:assert/strict";
import { findNumberProblem } from "../../../components/hypervisor/proxmox/free-number";

const look = (status: number, reason = "") => {
  const asked: string[] = [];
  const ask = (path: string) => {
    asked.push(path);
    return Promise.resolve({ status, reason });
  };
  return findNumberProblem({ vmId: 151, name: "ichi" }, ask).then((problem) => ({
    problem,
    asked,
  }));
};

describe("a machine whose number is in use when it is made", () => {
  it("is not made, as the provider would take the other machine for its own", async () => {
    const { problem } = await look(400);
    assert.match(String(problem), /^ichi is not made, as number 151 is in use in Proxmox/);
  });

  it("is not made either where Proxmox does not say", async () => {
    const { problem } = await look(595, "No route to host");
    assert.match(String(problem), /whether its number 151 is free: 595 No route to host$/);
  });

  it("is made where the number is free", async () => {
    assert.deepEqual(await look(200), {
      problem: undefined,
      asked: ["/cluster/nextid?vmid=151"],
    });
  });
});
