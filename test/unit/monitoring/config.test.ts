import assert from "node:assert/strict";
import { monitoringSchema } from "../../../components/monitoring/config";
import { config } from "./homelab";

/** The paths at which a configuration is refused. */
function refusedAt(input: unknown): string[] {
  const result = monitoringSchema.safeParse(input);
  return result.success ? [] : result.error.issues.map(({ path }) => path.join("."));
}

describe("the configuration of monitoring", () => {
  it("needs only the machine, and has the owner's values for the rest", () => {
    const parsed = config();
    assert.equal(parsed.directory, "/srv/monitoring_data");
    assert.deepEqual(
      [parsed.prometheus.nodePort, parsed.grafana.nodePort, parsed.loki.nodePort],
      [30_090, 30_300, 31_100],
    );
    assert.deepEqual(
      [parsed.prometheus.volumeSize, parsed.grafana.volumeSize, parsed.loki.volumeSize],
      [25 * 2 ** 30, 5 * 2 ** 30, 20 * 2 ** 30],
    );
    assert.equal(parsed.prometheus.retention, 30 * 86_400);
    assert.equal(parsed.loki.retention, 168 * 3600);
    assert.deepEqual(parsed.alertmanager.receiver, { type: "none" });
  });

  it("refuses what cannot be, and names the key", () => {
    const machine = "maple";
    assert.deepEqual(refusedAt({}), ["machine"]);
    assert.deepEqual(refusedAt({ machine, grafana: { nodePort: 3000 } }), ["grafana.nodePort"]);
    assert.deepEqual(refusedAt({ machine, prometheus: { retentionSize: "30Gi" } }), [
      "prometheus.retentionSize",
    ]);
    assert.deepEqual(refusedAt({ machine, alertmanager: { receiver: { type: "pager" } } }), [
      "alertmanager.receiver.type",
    ]);
    assert.deepEqual(
      refusedAt({ machine, alertmanager: { receiver: { type: "webhook", url: "ftp://x" } } }),
      ["alertmanager.receiver.url"],
    );
    assert.deepEqual(refusedAt({ machine, charts: { repository: "mirror.lan" } }), [
      "charts.repository",
    ]);
  });
});
