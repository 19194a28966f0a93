import assert from "node:assert/strict";
import * as fc from "fast-check";
import { BackupController, type Status } from "../../../scripts/kit/controller/backup-controller";
import {
  renderSize,
  renderSnapshots,
  renderStatus,
  select,
} from "../../../scripts/verbs/backup/render";
import { fakeOperator, NOON } from "../power/support";

const jellyfin: Status = {
  set: "apps",
  item: "jellyfin",
  success: NOON,
  failed: false,
  size: 5 * 1024 ** 3,
  added: 2048,
  seconds: 61.5,
};
const etcd: Status = { set: "etcd", item: "etcd", success: null, failed: true, error: "no etcd" };

describe("the backups on the controller", () => {
  it("are asked by an installed entry; what an operator wrote reaches it as JSON, and no shell", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (what, snapshot) => {
        const { operator, asked } = fakeOperator({});
        await new BackupController(operator, () => undefined).ask({
          verb: "restore",
          what,
          snapshot,
        });
        const [{ command, input } = { command: "", input: "" }] = asked;
        assert.equal(command, "sudo -n /usr/local/bin/vmstation-backup request");
        assert.deepEqual(JSON.parse(input), { verb: "restore", what, snapshot });
      }),
      { numRuns: 8 },
    );
  });

  it("pass on what they say, with their exit code", async () => {
    const said: string[] = [];
    const { operator } = fakeOperator({ code: 1, stderr: "etcd: FAILED: no etcd\n" });
    const controller = new BackupController(operator, (text) => said.push(text));
    assert.deepEqual(await controller.ask({ verb: "start", what: "etcd" }), {
      code: 1,
      stdout: "",
    });
    assert.deepEqual(said, ["etcd: FAILED: no etcd\n"]);
  });

  it("say what to do where they are not installed, do not answer, or answer nonsense", async () => {
    const ask = (answer: object): Promise<unknown> =>
      new BackupController(fakeOperator(answer).operator, () => undefined).list("all");
    const missing = "sudo: /usr/local/bin/vmstation-backup: command not found\n";
    await assert.rejects(ask({ code: 1, stderr: missing }), {
      message: "Backups are not installed on control yet. Run: npx vmstation up --stack lab",
    });
    await assert.rejects(ask({ code: 255, stderr: "ssh: No route to host" }), {
      message: "control does not answer: ssh: No route to host",
    });
    await assert.rejects(ask({ stdout: "[{}]" }), {
      message: /gave no readable answer \(code 0\)/,
    });
  });

  it("list their snapshots, and what the last runs came to", async () => {
    const snapshot = {
      set: "etcd",
      item: "etcd",
      time: "2026-01-02T12:00:00Z",
      id: "a1b2",
      short: "a1",
      incomplete: false,
    };
    const { operator } = fakeOperator(
      { stdout: JSON.stringify([snapshot]) },
      { stdout: JSON.stringify([{ ...etcd, since: 1 }, jellyfin]) },
    );
    const controller = new BackupController(operator, () => undefined);
    assert.deepEqual(await controller.list("etcd"), [snapshot]);
    assert.deepEqual(await controller.status(), [etcd, jellyfin]);
    assert.equal(
      renderSnapshots([snapshot]),
      "TIME                  SNAPSHOT  SET   WHAT\n2026-01-02T12:00:00Z  a1        etcd  etcd\n",
    );
    assert.match(
      renderSnapshots([{ ...snapshot, incomplete: true }]),
      /etcd {2}etcd \(incomplete\)\n$/,
    );
    assert.equal(renderSnapshots([]), "There is no backup yet.\n");
  });
});

describe("what a backup came to", () => {
  it("is a line for each item, with its failure", () => {
    const [first, second] = renderStatus([etcd, jellyfin]).split("\n");
    assert.equal(first?.replace(/ +/g, " "), "etcd never FAILED: no etcd");
    assert.equal(second, "jellyfin  2026-01-02T12:00:00Z  5.0 GiB, 2.0 KiB of it new  61.5 s");
    assert.equal(first.indexOf("FAILED"), second.length + 2);
  });

  it("is about the set, the item or all that was asked for", () => {
    const names = (what: string): string[] =>
      select([etcd, jellyfin], what).map(({ item }) => item);
    assert.deepEqual(names("all"), ["etcd", "jellyfin"]);
    assert.deepEqual(names("apps"), ["jellyfin"]);
    assert.deepEqual(names("etcd"), ["etcd"]);
    assert.deepEqual(names("nothing"), []);
  });

  it("has sizes that a person reads at once", () => {
    assert.deepEqual([0, 1, 1023, 1024, 1536, 10 * 1024, 2 ** 30, 3 * 2 ** 50].map(renderSize), [
      "0 B",
      "1 B",
      "1023 B",
      "1.0 KiB",
      "1.5 KiB",
      "10 KiB",
      "1.0 GiB",
      "3072 TiB",
    ]);
  });
});
