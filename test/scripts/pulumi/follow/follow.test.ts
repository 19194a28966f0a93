import assert from "node:assert/strict";
import fc from "fast-check";
import { WIRE } from "../../../../scripts/engine/values";
import { Style } from "../../../../scripts/kit/terminal/style";
import { parseEvent } from "../../../../scripts/kit/pulumi/follow/events";
import { renderLive, renderNews } from "../../../../scripts/kit/pulumi/follow/render";
import { cut } from "../../../../scripts/kit/terminal/duration";
import { renderEnd } from "../../../../scripts/kit/pulumi/follow/render-end";
import { RunModel } from "../../../../scripts/kit/pulumi/follow/run-model";
import { begins, ends, fails, says, SUMMARY, tells, UNKNOWN_PROVIDER, urn } from "./engine-events";

const WIDTH = 79;
const style = new Style(false, WIDTH);
const SIZE = { width: WIDTH, height: 24 };

/** What a person has read after these lines of the log, each a second after the one before. */
function read(lines: readonly string[]): { model: RunModel; text: string } {
  const model = new RunModel();
  const text = lines.flatMap((line, second) => {
    const event = parseEvent(line);
    const news = event === undefined ? [] : model.apply(event, second * 1000);
    return news.flatMap((each) => renderNews(each, style, WIDTH));
  });
  return { model, text: text.join("\n") };
}

function end(model: RunModel, code: number, total?: number): string {
  const run = { command: "up", stack: "rig", code, total, seconds: 250 };
  return renderEnd(model, run, style, WIDTH).join("\n");
}

const FAILED = [
  begins("node-a-system"),
  says("firewall: changing nft\n", "node-a-system"),
  says(
    'Process exited with status 1: running " sudo -n sh -eus apply":\nnft: syntax error\n' +
      "vmstation: a: firewall: nft refuses the rules\n  to do: look at the line above\n",
    "node-a-system",
    "error",
  ),
  fails("node-a-system"),
  says(UNKNOWN_PROVIDER, "network-jellyfin", "error"),
  says("update failed\n", undefined, "error"),
  SUMMARY,
];

describe("what a person sees of an update", () => {
  it("is a line for each change, with its time, and none for components and unchanged resources", () => {
    const { text } = read([
      ...[begins("node-a", "create", false), begins("node-a-system"), begins("pw", "update")],
      ...[ends("node-a", "create", false), begins("x", "same"), ends("x", "same")],
      ...[ends("node-a-system"), ends("pw", "update")],
    ]);
    const rows = text.split("\n").map((row) => row.replace(/ {2,}/g, "  "));
    assert.deepEqual(rows, ["+ node-a-system  5 s", "~ pw  5 s"]);
  });

  it("is what each running resource said last, and how far all is", () => {
    const { model } = read([
      ...[begins("a"), ends("a"), begins("bootstrap-run")],
      says("step 1 of 3: cluster.yml\nplay 2 of 20: Install etcd\n", "bootstrap-run"),
    ]);
    const live = renderLive(model, 9, { start: 0, now: 252_000 }, SIZE);
    assert.deepEqual(live, [
      "— 1 of 9 changes done, 4:12 min",
      "  bootstrap-run  4:10 min  play 2 of 20: Install etcd",
    ]);
  });

  it("fits the terminal, with any names and outputs of resources", () => {
    const name = fc.string({ minLength: 1, maxLength: 120, unit: "binary-ascii" });
    const width = fc.integer({ min: 40, max: 200 });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name), { maxLength: 40 }), width, (all, columns) => {
        const model = new RunModel();
        for (const [index, [called, said]] of all.entries())
          model.running.set(String(index), { name: called, op: "create", since: 0, says: said });
        const lines = renderLive(model, 9, { start: 0, now: 1 }, { width: columns, height: 24 });
        assert.ok(lines.length <= 20);
        for (const line of lines) assert.ok(line.length <= columns && !line.includes("\n"), line);
      }),
    );
  });

  it("is the failure itself, with what to do, and not its consequences", () => {
    const { model, text } = read(FAILED);
    assert.match(text, /^✗ node-a-system/m);
    const said = end(model, 1, 12);
    assert.match(
      said,
      /^\nfailed: node-a-system: firewall: nft refuses the rules\n {2}nft: syntax error\n {2}to do: look at the line above\n/,
    );
    assert.doesNotMatch(said + text, /unknown provider|update failed/);
    assert.match(said, /up did not finish after 4:10 min: 1 failed\n11 changes wait for/);
    assert.match(said, /^ {2}npx vmstation pulumi stack output --stack rig$/m);
  });

  it("is the outputs after success: no secret, no document, and nothing after a failure", () => {
    const outputs = {
      endpoint: "https://10.0.0.1:6443",
      urls: { grafana: "http://10.0.0.1:3000" },
      kubeconfig: { [WIRE.key]: WIRE.secret, ciphertext: "[secret]" },
      accounts: { admin: { [WIRE.key]: WIRE.secret, ciphertext: "[secret]" } },
      bootstrap: JSON.stringify({ steps: "x".repeat(5000) }),
    };
    const { model } = read([tells(outputs), SUMMARY]);
    assert.equal(
      end(model, 0),
      [
        "",
        "accounts.admin: (a secret)",
        "bootstrap: (a document)",
        "endpoint: https://10.0.0.1:6443",
        "kubeconfig: (a secret)",
        "urls.grafana: http://10.0.0.1:3000",
        "To print one of them in full:",
        "  npx vmstation pulumi stack output NAME --show-secrets --stack rig",
        "",
        "up is done after 4:10 min: nothing to change",
      ].join("\n"),
    );
    assert.deepEqual(model.outputs?.kubeconfig, "[secret]");
    assert.doesNotMatch(end(read([...FAILED, tells({})]).model, 1), /removed|endpoint/);
  });

  it("is each warning once, without the engine's talk of its plugins and of clouds", () => {
    const pending =
      "Attempting to deploy or update resources with 1 pending operations from previous deployment.\n" +
      `  * ${urn("bootstrap-run")}, interrupted while creating\nThese … using the AWS Console.\n`;
    const { text } = read([
      ...["using pulumi-resource-command from $PATH at /x\n", "machines.a.hostKey: open\n"].map(
        (each) => says(each, undefined, "warning"),
      ),
      ...[says("machines.a.hostKey: open\n", undefined, "warning")],
      ...[says(pending, undefined, "warning"), says("waking a (10.0.0.1), for at most 60 s\n")],
    ]);
    assert.equal(text.match(/hostKey/g)?.length, 1);
    assert.match(text, /interrupted while it worked on\s+bootstrap-run\./);
    assert.match(text, /^ {2}waking a/m);
    assert.doesNotMatch(text, /AWS|plugin|PATH/);
  });

  it("is cut with an ellipsis where it is too long", () => {
    assert.equal(cut("abcdef", 4), "abc…");
    assert.equal(cut("abcd", 4), "abcd");
  });
});
