import assert from "node:assert/strict";
import { homelabSite } from "../../support/site";
import { node } from "../validation/cluster-state";
import { judgePlatform, type Observed } from "./platform-checks";
import { STORAGE } from "./storage-sites";

const DEFAULT = "storageclass.kubernetes.io/is-default-class";
const storageClass = (name: string, provisioner: string, isDefault = false): object => ({
  metadata: { name, annotations: { [DEFAULT]: String(isDefault) } },
  provisioner,
});
const CLASSES = [
  storageClass("local", "rancher.io/local-path"),
  storageClass("nfs", "nfs.csi.k8s.io"),
  storageClass("ceph-rbd", "rbd.csi.ceph.com"),
];
const csi = (name: string, ...drivers: string[]): object => ({
  metadata: { name },
  spec: { drivers: drivers.map((driver) => ({ name: driver })) },
});
const BOTH = ["nfs.csi.k8s.io", "rbd.csi.ceph.com"];

function state(
  changes: { classes?: object[]; csinodes?: object[]; monitors?: string[] } = {},
): Observed {
  const { classes = CLASSES, csinodes = [csi("maple", ...BOTH), csi("hazel", ...BOTH)] } = changes;
  const nodes = [node("maple", "True"), node("hazel", "True")];
  return {
    nodes: { ok: { items: nodes } },
    storageclasses: { ok: { items: classes } },
    csinodes: { ok: { items: csinodes } },
    cephmonitors: { ok: changes.monitors ?? [] },
  };
}

describe("validate platform, of storage", () => {
  let judged: string[][];
  before(() => {
    judged = judgePlatform(homelabSite(...STORAGE), [
      state(),
      state({ classes: CLASSES.slice(1) }),
      state({ classes: [storageClass("local", "mine.example.org"), ...CLASSES.slice(1)] }),
      state({
        classes: [...CLASSES, storageClass("a", "x", true), storageClass("b", "y", true)],
      }),
      state({ csinodes: [csi("maple", ...BOTH), csi("hazel", "nfs.csi.k8s.io")] }),
      state({ monitors: ["192.168.8.34 does not answer (port 3300: timed out)"] }),
    ]);
  });

  it("passes where classes and drivers are there", () => {
    assert.deepEqual(judged[0], [
      "storage classes: pass: ceph-rbd, local, nfs",
      "storage drivers: pass: nfs.csi.k8s.io, rbd.csi.ceph.com on 2 machines",
      "Ceph's monitors: pass: 3 answer",
    ]);
  });

  it("names a class that is missing, or that somebody else makes, and two defaults", () => {
    assert.match(judged[1]?.[0] ?? "", /fail: local is missing/);
    assert.match(judged[2]?.[0] ?? "", /fail: local is made by mine\.example\.org, not by rancher/);
    assert.match(judged[3]?.[0] ?? "", /fail: a and b are all the default/);
  });

  it("names the machine that has no driver", () => {
    assert.match(judged[4]?.[1] ?? "", /fail: hazel has no rbd\.csi\.ceph\.com/);
  });

  it("names a monitor of Ceph that does not answer, also where most of them do", () => {
    assert.match(judged[5]?.[2] ?? "", /^Ceph's monitors: fail: 192\.168\.8\.34 does not answer/);
  });
});
