import { dirname, join, delimiter } from "node:path";
import { run } from "../rig/command";
import { findOnPath, isExecutable } from "../../scripts/kit/pulumi/find-cli";
import manifest from "../../package.json";

/** A Pulumi CLI with everything beside it that the program needs. */
export interface Engine {
  /** The executable. */
  readonly cli: string;
  readonly version: string;
}

/** The packages whose providers the program uses, at the versions of their SDKs. */
const PROVIDERS = ["command", "kubernetes", "random"] as const;

/** The engine on this computer, or what of it is missing, in words. Fetches nothing. */
export async function findEngine(env: NodeJS.ProcessEnv): Promise<Engine | { missing: string }> {
  const path = env.PATH ?? "";
  const cli = findOnPath(path);
  if (cli === undefined) return { missing: "no Pulumi CLI on PATH" };
  const folders = [dirname(cli), ...path.split(delimiter)];
  if (!folders.some((folder) => isExecutable(join(folder, "pulumi-language-nodejs")))) {
    return { missing: "no language host pulumi-language-nodejs beside the Pulumi CLI" };
  }
  const { stdout: list } = await run(cli, ["plugin", "ls", "--json"], { env });
  const absent = PROVIDERS.map((name) => ({
    name,
    version: manifest.dependencies[`@pulumi/${name}`],
  })).filter(({ name, version }) => {
    // The engine takes the one on PATH, whatever its version, before any that is installed.
    const program = `pulumi-resource-${name}`;
    if (folders.some((folder) => isExecutable(join(folder, program)))) return false;
    return !hasPlugin(list, name, version);
  });
  if (absent.length > 0) {
    const names = absent.map(({ name, version }) => `${name} ${version}`).join(", ");
    return { missing: `these provider plugins of Pulumi: ${names}` };
  }
  const { stdout } = await run(cli, ["version"], { env });
  return { cli, version: stdout.trim() };
}

function hasPlugin(list: string, name: string, version: string): boolean {
  const plugins: unknown = JSON.parse(list);
  return (
    Array.isArray(plugins) &&
    plugins.some((plugin: unknown) => {
      const is = (key: string, value: string): boolean =>
        typeof plugin === "object" && plugin !== null && Reflect.get(plugin, key) === value;
      return is("name", name) && is("version", version);
    })
  );
}
