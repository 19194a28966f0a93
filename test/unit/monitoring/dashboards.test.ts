import assert from "node:assert/strict";
import fc from "fast-check";
import { layOut, renderDashboard } from "../../../components/monitoring/dashboards/dashboard";
import { COLUMNS } from "../../../components/monitoring/dashboards/panels";
import { dashboards } from "../../../components/monitoring/plan";
import { at } from "./at";

describe("dashboards", () => {
  it("are the nine that the owner has and wants, the overview first", () => {
    assert.deepEqual(
      dashboards.map(({ title }) => title),
      [
        "Kubernetes overview",
        "Node metrics in detail",
        "Prometheus health",
        "Network and DNS performance",
        "Loki logs",
        "Syslog",
        "CoreDNS",
        "IPMI hardware",
        "Power and energy",
      ],
    );
    assert.equal(dashboards[0]?.uid, "kubernetes-overview");
    assert.equal(new Set(dashboards.map(({ uid }) => uid)).size, 9);
  });

  it("are JSON whose panels have ids of their own and a data source that Grafana knows", () => {
    for (const dashboard of dashboards) {
      const json: unknown = JSON.parse(JSON.stringify(renderDashboard(dashboard)));
      const panels = at(json, "panels");
      assert.ok(Array.isArray(panels));
      const ids = panels.map((panel: unknown) => at(panel, "id"));
      assert.equal(new Set(ids).size, panels.length, dashboard.uid);
      for (const panel of panels.filter((p: unknown) => at(p, "type") !== "row")) {
        const source = at(panel, "datasource", "uid");
        assert.ok(
          source === "prometheus" || source === "loki",
          `${dashboard.uid}: ${String(source)}`,
        );
      }
    }
  });

  it("never let two panels overlap or leave the grid, with panels of any size", () => {
    const size = fc.record({
      width: fc.integer({ min: 1, max: COLUMNS }),
      height: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(size, { maxLength: 30 }), fc.nat(50), (sizes, top) => {
        const { panels, bottom } = layOut(
          sizes.map((s) => ({ ...s, body: {} })),
          top,
          1,
        );
        const cells = new Set<string>();
        for (const panel of panels) {
          const [x, y, w, h] = ["x", "y", "w", "h"].map((key) => Number(at(panel, "gridPos", key)));
          assert.ok(x !== undefined && y !== undefined && w !== undefined && h !== undefined);
          assert.ok(x + w <= COLUMNS && y >= top && y + h <= bottom);
          for (let i = x; i < x + w; i++) {
            for (let j = y; j < y + h; j++) {
              assert.ok(!cells.has(`${i},${j}`));
              cells.add(`${i},${j}`);
            }
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});
