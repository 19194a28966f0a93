import assert from "node:assert/strict";
import { renderNodeLines } from "../../../components/bootstrap/common-steps";
import { argsOf } from "./sites";

describe("labels and taints", () => {
  it("are those of the configuration, of machines that are there", () => {
    assert.deepEqual(
      renderNodeLines(argsOf("rke2", {}, [["machines", "hazel", "offline"], true])),
      [
        "label maple vmstation.io/role=monitoring",
        "label maple vmstation.io/addons=true",
        "taint maple node-role.kubernetes.io/control-plane:NoSchedule",
        "label spruce vmstation.io/role=storage",
        "label spruce vmstation.io/media-server=true",
        "label spruce jellyfin.vmstation.io/preferred=true",
      ],
    );
  });
});
