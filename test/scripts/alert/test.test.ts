import assert from "node:assert/strict";
import type { Change } from "../../support/homelab";
import { OperationsLab } from "../operations/lab";

const TOPIC: Change = [
  ["monitoring", "alertmanager", "receiver"],
  { type: "ntfy", topic: "hazel", server: "https://ntfy.example.org" },
];

const metrics = (requests: number, failed: number, givenUp: number): string =>
  [
    `alertmanager_notification_requests_total{integration="email"} 99`,
    `alertmanager_notification_requests_total{integration="webhook"} ${requests}`,
    `alertmanager_notification_requests_failed_total{integration="webhook"} ${failed}`,
    `alertmanager_notifications_failed_total{integration="webhook",reason="other"} ${givenUp}`,
    `alertmanager_notifications_failed_total{integration="webhook",reason="clientError"} 0`,
  ].join("\n");

const LOG =
  'time=2026-11-20 level=ERROR msg="Notify for alerts failed" num_alerts=1 err="owner/webhook[0]: Post \\"https://api.telegram.org/bot1:S3CRET/x\\": 403 \\\\o/" more=1';

describe("vmstation alert test", () => {
  let lab: OperationsLab;
  afterEach(() => {
    lab.remove();
  });

  /** Alertmanager's metrics before the alert, and after it. */
  function start(before: string, after: string, ...changes: readonly Change[]): void {
    lab = new OperationsLab(...(changes.length > 0 ? changes : [TOPIC]));
    lab.write("before", `${before}\n`);
    lab.write("after", `${after}\n`);
    lab.write("log", `${LOG}\n`);
    lab.write(
      "bin/kubectl",
      `#!/bin/sh
printf '%s\\n' "$*" >>"$BOX/calls"
case "$*" in
  *' wget '*) if [ -e "$BOX/sent" ]; then cat "$BOX/after"; else cat "$BOX/before"; fi ;;
  *' amtool '*) : >"$BOX/sent" ;;
  *' logs '*) cat "$BOX/log" ;;
esac
`,
      0o755,
    );
    lab.answer("maple", `PATH="$BOX/bin:$PATH" exec sh -eus`);
  }

  it("says that the receiver took the alert", async () => {
    start(metrics(4, 1, 0), metrics(5, 1, 0));
    const { code, stdout } = await lab.run("alert", "test", "--severity", "critical");
    assert.equal(code, 0, stdout);
    assert.match(
      stdout,
      /^VMStationTest\d{6} was sent, and taken by the topic hazel of https:\/\//,
    );
    const calls = lab.read("calls");
    assert.match(
      calls,
      /--namespace=monitoring exec alertmanager-kube-prometheus-stack-alertmanager-0 -c alertmanager -- amtool .* alert add --end=\S+Z alertname=VMStationTest\d+ severity=critical /,
    );
    assert.deepEqual(lab.sessions(), ["maple sudo -n sh -eus"]);
  });

  it("says why it was given up, without secrets, and ends with 1", async () => {
    start(metrics(4, 1, 0), metrics(5, 2, 1));
    const { code, stdout } = await lab.run("alert", "test", "--json");
    assert.equal(code, 1);
    const { delivered, why, receiver } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual([delivered, receiver], [false, "ntfy"]);
    assert.match(String(why), /^owner\/webhook\[0\]: Post "https:\S+bot<redacted>\/x": 403 \\o\/$/);
    assert.doesNotMatch(stdout, /S3CRET/);
  });

  it("says that nothing was sent, when the time is over", async () => {
    start(metrics(4, 1, 0), metrics(4, 1, 0));
    const { code, stdout } = await lab.run("alert", "test", "--wait", "1s");
    assert.equal(code, 1);
    assert.match(stdout, /Alertmanager has sent nothing to webhook within 1 s/);
  });

  it("only shows what it would do with --dry-run", async () => {
    start("", "");
    const { code, stdout } = await lab.run("alert", "test", "--dry-run");
    assert.equal(code, 0);
    assert.equal(
      stdout,
      "Would send a test alert of severity warning to the topic hazel of https://ntfy.example.org.\n",
    );
    assert.deepEqual(lab.sessions(), []);
  });

  it("says which key is missing where alerts are sent nowhere", async () => {
    start("", "", [["monitoring", "alertmanager", "receiver"], { type: "none" }]);
    const { code, stderr } = await lab.run("alert", "test");
    assert.notEqual(code, 0);
    assert.match(stderr, /monitoring\.alertmanager\.receiver is not configured/);
    assert.deepEqual(lab.sessions(), []);
  });

  it("passes on what kubectl says where Alertmanager is not there", async () => {
    start("", "");
    lab.write("bin/kubectl", "#!/bin/sh\necho 'pods not found' >&2\nexit 1\n", 0o755);
    const { code, stderr } = await lab.run("alert", "test");
    assert.notEqual(code, 0);
    assert.match(stderr, /Alertmanager cannot be asked on maple: pods not found/);
  });
});
