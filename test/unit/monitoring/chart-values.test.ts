import assert from "node:assert/strict";
import * as fs from "node:fs";
import { z } from "zod";
import { charts } from "../../../components/versions";
import { FOLDER, readCommentedKeys, readDefaults, unknownKeys } from "../../support/chart-values";
import { site } from "./homelab";
import { allReleases, valuesOf } from "./releases";

/**
 * Keys below which a chart takes whatever the program behind it understands, or that its templates read and its
 * values do not show. A key that a chart's values show
 * as empty ({}, [], null) is open by itself and not listed.
 */
const OPEN: Readonly<Record<string, readonly string[]>> = {
  [charts.kubePrometheusStack.chart]: ["grafana.grafana.ini"],
  [charts.loki.chart]: ["loki.limits_config", "loki.commonConfig"],
  [charts.blackboxExporter.chart]: ["config.modules", "fullnameOverride"],
};

const homelab = site({ charts: { imageRegistry: "mirror.lan:5000" } });

const RELEASES = allReleases(homelab);

describe("Helm values", function () {
  before(function () {
    if (fs.existsSync(FOLDER)) return;
    console.log(`    skipped: no chart values at ${FOLDER} (CHARTS_VALUES_DIR names another)`);
    this.skip();
  });

  for (const { pin, values } of RELEASES) {
    it(`of ${pin.chart} set only keys that the chart knows`, () => {
      const defaults = readDefaults(pin.chart, pin.version);
      const commented = readCommentedKeys(pin.chart, pin.version);
      assert.deepEqual(unknownKeys(values, defaults, commented, OPEN[pin.chart] ?? []), []);
    });
  }

  it("with a misspelt key are found out", () => {
    const { chart, version } = charts.loki;
    const values = { singleBinary: { persistence: { storageClas: "x" } } };
    const found = unknownKeys(
      values,
      readDefaults(chart, version),
      readCommentedKeys(chart, version),
      [],
    );
    assert.deepEqual(found, ["singleBinary.persistence.storageClas"]);
  });

  it("decide on every rule group that kube-prometheus-stack has", () => {
    const groups = z.object({
      defaultRules: z.object({ rules: z.record(z.string(), z.boolean()) }),
    });
    const { chart, version } = charts.kubePrometheusStack;
    const theirs = groups.parse(readDefaults(chart, version)).defaultRules.rules;
    const ours = groups.parse(valuesOf(chart, homelab)).defaultRules.rules;
    assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort());
  });
});
