import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import type { Change } from "../../support/homelab";
import { renderImportPath } from "../../support/python";
import { OperationsLab } from "../operations/lab";

const FILES = path.join(__dirname, "../../../scripts/verbs/alert-test/files");

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
  *' wget '*)
    if [ ! -e "$BOX/sent" ]; then cat "$BOX/before"
    elif [ -e "$BOX/later" ] && [ -e "$BOX/looked" ]; then cat "$BOX/later"
    else : >"$BOX/looked"; cat "$BOX/after"; fi ;;
  *' amtool '*) printf '%s\\n' "$*" | sed 's/.*alertname=\\([^ ]*\\).*/\\1/' >"$BOX/sent" ;;
  *' logs '*) sed "s/ALERT/$(cat "$BOX/sent")/" "$BOX/log" ;;
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

  /** As Alertmanager says it of a try, which is not the last one. ALERT stands for the alert's name. */
  const tried = (alert: string, err: string): string =>
    `level=WARN msg="Notify attempt failed, will retry later" aggrGroup="{}:{alertname=\\"${alert}\\"}" err="${err}"\n`;

  it("ends where the receiver refuses it, although Alertmanager tries on", async () => {
    start(metrics(4, 1, 0), metrics(5, 2, 0));
    lab.write("log", tried("ALERT", "telegram: Unauthorized (401)"));
    const { code, stdout } = await lab.run("alert", "test", "--wait", "10m");
    assert.equal(code, 1);
    assert.match(stdout, /: telegram: Unauthorized \(401\)$/m);
  });

  it("waits on while another alert is refused", async () => {
    start(metrics(4, 1, 0), metrics(5, 2, 0));
    lab.write("later", `${metrics(6, 2, 0)}\n`);
    lab.write("log", tried("NodeDown", "telegram: Unauthorized (401)"));
    const { code, stdout } = await lab.run("alert", "test");
    assert.equal(code, 0, stdout);
  });

  it("takes for a refusal what the next try cannot change, and nothing else", () => {
    const refusals = [
      "telegram: Unauthorized (401)",
      "telegram: Bad Request: chat not found (400)",
      "*smtp.plainAuth auth: 535 5.7.8 Error: authentication failed",
      "send RCPT command: 550 no such mailbox",
      'require_tls is true but "smtp.example.org:587" does not advertise the STARTTLS extension',
      "send STARTTLS command: tls: failed to verify certificate: x509: certificate has expired",
      "establish TLS connection to server: tls: first record does not look like a TLS handshake",
    ];
    const passing = [
      'Post "https://ntfy.example.org:443/": dial tcp 192.0.2.1:443: i/o timeout',
      "dial tcp: lookup smtp.example.org: no such host",
      "telegram: Too Many Requests: retry after 5 (429)",
      "*smtp.plainAuth auth: 454 4.7.0 Temporary authentication failure",
      "send RCPT command: 450 4.2.0 Greylisted",
      "establish connection to server: dial tcp 192.0.2.1:587: connect: connection refused",
    ];
    const program = `${renderImportPath([FILES])}
import json, alert_test
print(json.dumps([e for e in json.load(sys.stdin) if alert_test.REFUSAL.search(e)]))`;
    const input = JSON.stringify([...refusals, ...passing]);
    const found = execFileSync("python3", ["-B", "-c", program], { input });
    assert.deepEqual(JSON.parse(String(found)), refusals);
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
