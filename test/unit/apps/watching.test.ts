import assert from "node:assert/strict";
import { renderAlert } from "../../../components/apps/frame/watching";
import { ASLEEP } from "../../../components/shared/metrics";

describe("the alert of an app that is down", () => {
  const plan = { name: "jellyfin", title: "Jellyfin", machine: "spruce" };
  const down =
    '(sum(kube_pod_status_ready{namespace="jellyfin",condition="true"}) or vector(0)) < 1';

  it("is silent while its machine sleeps, by the name under which monitoring records that", () => {
    assert.equal(
      renderAlert(plan, true).expr,
      `${down} unless on () (${ASLEEP}{node="spruce"} == 1)`,
    );
  });

  it("knows no sleep where the machine never sleeps", () => {
    assert.equal(renderAlert(plan, false).expr, down);
  });

  it("waits longer than the longest wake and start together", () => {
    assert.equal(renderAlert(plan, true).for, "20m");
  });
});
