import type { StepFile } from "../remote/step";

type Mirrors = Readonly<Record<string, readonly string[]>>;

/** containerd's hosts.toml, one file for each registry that has mirrors. */
export function renderHostsToml(mirrors: Mirrors): StepFile[] {
  return Object.entries(mirrors).map(([registry, urls]) => ({
    path: `/etc/containerd/certs.d/${registry}/hosts.toml`,
    content: [
      `server = "https://${registry}"`,
      ...urls.map((url) => `\n[host."${url}"]\ncapabilities = ["pull", "resolve"]`),
      "",
    ].join("\n"),
  }));
}

/** registries.yaml, as RKE2 and K3s read it. */
export function renderRegistries(mirrors: Mirrors): object {
  return {
    mirrors: Object.fromEntries(
      Object.entries(mirrors).map(([registry, urls]) => [registry, { endpoint: urls }]),
    ),
  };
}
