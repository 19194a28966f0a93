import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { containerRuntime, kubernetes } from "../../../components/versions";
import { findMissing as findMissingTools, type ToolModule } from "../../cluster/tools";

/** Where what was built is kept between runs. */
export const CACHE = process.env.VMSTATION_REAL_CACHE ?? "/var/cache/vmstation-real";

/** The folders that hold a go.mod each. */
export const TOOLS = path.join(__dirname, "../tools");

/** A version before the pinned one: the same sources under another stamp, to upgrade from. */
export const EARLIER = "1.35.3";

/** Programs that are built together. */
export interface Part {
  readonly name: string;
  /** The folder of its go.mod under tools/. */
  readonly module: string;
  /** What the linker writes into its variables, by name. */
  readonly values: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** Whether it has C in it. */
  readonly cgo: boolean;
}

const part = (module: string, more: Partial<Part> = {}): Part => ({
  name: module,
  module,
  values: {},
  tags: [],
  cgo: false,
  ...more,
});

/** In the order in which they are built: what takes longest comes first. */
export const PARTS: readonly Part[] = [
  part("kubernetes", { values: kubernetesVersion(kubernetes.version) }),
  part("kubernetes", { name: "kubernetes-earlier", values: kubernetesVersion(EARLIER) }),
  part("etcd"),
  part("containerd", {
    values: {
      "github.com/containerd/containerd/v2/version.Version": containerRuntime.containerd.version,
    },
    tags: ["no_btrfs", "no_devmapper", "no_zfs"],
  }),
  part("runc", {
    values: { "main.version": containerRuntime.runc.version },
    tags: ["seccomp", "netgo", "osusergo"],
    cgo: true,
  }),
  part("cni"),
  // The proxy serves no crictl of this minor: an earlier one stands in, under the pinned version.
  part("crictl", {
    values: { "sigs.k8s.io/cri-tools/pkg/version.Version": containerRuntime.crictl.version },
  }),
  part("coredns"),
  part("kube-router"),
  part("metrics-server"),
  part("small"),
];

/** What the cluster suite builds as well: the platform's parts, the kinds that they define, and who issues certificates. */
export const SHARED_TOOLS: readonly ToolModule[] = ["crds", "metallb", "pebble", "platform"];

function kubernetesVersion(version: string): Record<string, string> {
  const [major = "", minor = ""] = version.split(".");
  const values = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor };
  return Object.fromEntries(
    ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((name) =>
      Object.entries(values).map(([variable, value]) => [`${name}.${variable}`, value] as const),
    ),
  );
}

/** What the linker is told: no symbols, and the versions that programs report. */
export function renderLdflags(one: Part): string {
  const values = Object.entries(one.values).map(([name, value]) => `-X ${name}=${value}`);
  const linking = one.cgo ? ["-extldflags -static"] : [];
  return ["-s", "-w", ...linking, ...values].join(" ");
}

/** The folder of a part's programs, named for all that decides what they are. */
export function partFolder(one: Part): string {
  const folder = path.join(TOOLS, one.module);
  const digest = createHash("sha256");
  for (const file of readdirSync(folder).sort())
    digest.update(readFileSync(path.join(folder, file)));
  digest.update([renderLdflags(one), ...one.tags].join(" "));
  return path.join(CACHE, `${one.name}-${digest.digest("hex").slice(0, 16)}`);
}

export function findMissing(): Part[] {
  return PARTS.filter((one) => !existsSync(partFolder(one)));
}

/** Whether all is there that the suites' machines run. */
export function isBuilt(): boolean {
  return findMissing().length === 0 && findMissingTools(SHARED_TOOLS).length === 0;
}

/** Where a program is once it is built; `findMissing` says what is not. */
export function programPath(partName: string, program: string): string {
  const found = PARTS.find(({ name }) => name === partName);
  if (found === undefined) throw new Error(`there is no part ${partName}`);
  return path.join(partFolder(found), program);
}
