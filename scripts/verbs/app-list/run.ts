import { urlOf } from "../../../components/apps/apps";
import { listConfigured } from "../../../components/apps/plan-apps";
import type { ConfiguredConfig } from "../../../components/apps/configured/schema";
import { controllerOf, type Site } from "../../../stacks/site";
import { readSite } from "../../kit/ssh/operator";
import { loadProject } from "../../kit/stack-file/project";
import { EXIT, type ExitCode } from "../../kit/user-error";
import { writeJson } from "../../kit/verb/document";
import type { Input } from "./command";
import { type ListedApp, renderApps } from "./render";

/** `vmstation app list`: the apps of a stack, as its file describes them. */
export function run({ options }: Input): Promise<ExitCode> {
  const { stack } = options;
  const apps = listApps(readSite(loadProject(options.cwd), stack, options.configFile));
  if (options.json) writeJson({ version: 1, stack, apps });
  else process.stdout.write(renderApps(apps, stack));
  return Promise.resolve(EXIT.pass);
}

export function listApps(site: Site): ListedApp[] {
  const configured = new Map(listConfigured(site.config.apps));
  const where = {
    machines: site.machines,
    controller: controllerOf(site),
    ingress: site.platform?.offers.ingress,
  };
  return site.apps.map((plan) => {
    const own = configured.get(plan.name);
    return {
      name: plan.name,
      kind: own?.kind ?? "written",
      source: own === undefined ? "" : sourceOf(own),
      machine: plan.machine ?? "anywhere",
      sleeps: site.machines.some(({ name, sleeps }) => name === plan.machine && sleeps),
      access: plan.route?.access ?? "lan",
      url: urlOf(plan, where),
      folders: plan.volumes.flatMap((each) => (each.kind === "local" ? [each.directory] : [])),
      secrets: plan.secrets.map(({ name }) => name),
    };
  });
}

function sourceOf(config: ConfiguredConfig): string {
  if (config.kind === "manifests") return config.files.join(", ");
  if (config.kind === "kustomize") return config.folder;
  const { name, version, repository } = config.chart;
  return `${name} ${version} of ${repository}`;
}
