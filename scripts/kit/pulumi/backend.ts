import type { Project } from "../stack-file/project";
import { LocalState } from "./local-state";
import { readLogin } from "./setup";

const CLOUD = "https://api.pulumi.com";

/** Where the state of a project's stacks is kept: what the user has set up, else the wrapper's own folder. */
export function currentBackend(
  project: Pick<Project, "root" | "backend">,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const own = new LocalState(project.root).backendUrl;
  const token = env.PULUMI_ACCESS_TOKEN === undefined ? own : CLOUD;
  return env.PULUMI_BACKEND_URL ?? project.backend ?? readLogin(env) ?? token;
}
