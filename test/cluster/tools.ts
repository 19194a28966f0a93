import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { containerRuntime, kubernetes } from "../../components/versions";

/** Where built programs are kept between runs. */
export const CACHE = process.env.VMSTATION_CLUSTER_CACHE ?? "/var/cache/vmstation-cluster";

/** The folders that hold a go.mod each. */
export const TOOLS = path.join(__dirname, "tools");

const PROGRAMS = {
  kubernetes: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"],
  etcd: ["etcd"],
  kwok: ["kwok"],
  helm: ["helm"],
  prometheus: ["promtool", "amtool"],
  operator: ["operator"],
  parsers: ["parsers"],
  // The platform's parts.
  coredns: ["coredns"],
  pebble: ["pebble", "pebble-challtestsrv"],
  metallb: ["controller", "speaker"],
  platform: ["traefik", "certificates"],
  alertmanager: ["alertmanager"],
  argocd: ["project-rules"],
  headscale: ["headscale"],
  tailscale: ["containerboot", "tailscale", "tailscaled"],
  // Not programs: resource definitions.
  crds: [],
} as const;

export type ToolModule = keyof typeof PROGRAMS;
export type Program = (typeof PROGRAMS)[ToolModule][number];

/** A program's path. Throws where it was not built: call `findMissing` first. */
export function toolPath(program: Program): string {
  const module = MODULES.find((name) => programsOf(name).includes(program));
  if (module === undefined) throw new Error(`no module builds ${program}`);
  const file = path.join(moduleFolder(module), program);
  if (!existsSync(file)) throw new Error(`${program} is not built: npm run test:cluster builds it`);
  return file;
}

/** In the order in which they are built: what most tests need comes first. */
export const MODULES: readonly ToolModule[] = [
  "parsers",
  "crds",
  "etcd",
  "kubernetes",
  "kwok",
  "helm",
  "prometheus",
  "operator",
  "coredns",
  "pebble",
  "metallb",
  "platform",
  "alertmanager",
  "argocd",
  "headscale",
  "tailscale",
];

/** What a cluster itself consists of. */
export const CLUSTER_MODULES: readonly ToolModule[] = ["crds", "etcd", "kubernetes", "kwok"];

export function programsOf(module: ToolModule): readonly Program[] {
  return PROGRAMS[module];
}

/** Modules whose programs are not in the cache. */
export function findMissing(modules: readonly ToolModule[] = MODULES): ToolModule[] {
  return modules.filter((module) => !existsSync(moduleFolder(module)));
}

/** The folder of a module's programs, named for all that decides what they are. */
export function moduleFolder(module: ToolModule): string {
  const digest = createHash("sha256");
  for (const file of listFiles(path.join(TOOLS, module))) digest.update(readFileSync(file));
  digest.update(renderLdflags(module) + tagsOf(module));
  return path.join(CACHE, `${module}-${digest.digest("hex").slice(0, 16)}`);
}

function listFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return names
    .filter((each) => each.isFile())
    .map((each) => path.join(each.parentPath, each.name))
    .sort();
}

/** What the linker writes into a module's programs: no symbols, and the version that they report. */
export function renderLdflags(module: ToolModule): string {
  const values = Object.entries(linkedValues(module)).map(([name, value]) => `-X ${name}=${value}`);
  return ["-s", "-w", ...values].join(" ");
}

/** Build tags: promtool without the service discoveries of clouds, whose libraries take longest to build. */
export function tagsOf(module: ToolModule): string {
  return module === "prometheus" ? "remove_all_sd,enable_kubernetes_sd" : "";
}

function linkedValues(module: ToolModule): Record<string, string> {
  const [major = "", minor = ""] = kubernetes.version.split(".");
  switch (module) {
    case "kubernetes":
      return Object.fromEntries(
        ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap(
          (name): [string, string][] => [
            [`${name}.gitVersion`, `v${kubernetes.version}`],
            [`${name}.gitMajor`, major],
            [`${name}.gitMinor`, minor],
          ],
        ),
      );
    case "helm":
      return {
        "helm.sh/helm/v3/internal/version.version": `v${containerRuntime.helm.version}`,
        // The version that charts are rendered for where no cluster is asked.
        "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": major,
        "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": minor,
      };
    default:
      return {};
  }
}
