/** Where it is served, and the keys by which machines fetch from there. */
export function renderKeys(folder: string, url: string): string {
  return `${folder} is served at ${url} until Ctrl-C. The stack's keys for it:

vmstation:bootstrap:
  sources:
    files: ${url}/files
    registryMirrors:
      docker.io: [${url}]
      ghcr.io: [${url}]
      quay.io: [${url}]
      registry.k8s.io: [${url}]
vmstation:monitoring:
  charts: { repository: ${url}/charts }
vmstation:apps:
  charts: { repository: ${url}/charts }
`;
}
