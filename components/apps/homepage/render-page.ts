import type { HomepageConfig } from "./config";

/** A link whose address is known. */
export interface KnownLink {
  readonly title: string;
  readonly url: string;
  readonly access: "lan" | "internal" | "public";
}

/** What the page is made of. */
export interface Shown {
  readonly apps: readonly KnownLink[];
  readonly dashboards: readonly KnownLink[];
  readonly machines: readonly { readonly name: string; readonly sleeps: boolean }[];
  readonly prometheus: string | undefined;
}

type Files = Readonly<Record<string, string>>;

/** It makes each of its files that is not there, and ends where it cannot. */
const EMPTY: Readonly<Record<string, object>> = {
  "bookmarks.yaml": [],
  "docker.yaml": {},
  "kubernetes.yaml": {},
  "proxmox.yaml": {},
  "widgets.yaml": [],
};

/** Homepage's files, which are YAML: JSON is some. A public page shows what the world may open, and nothing else. */
export function renderFiles(config: HomepageConfig, shown: Shown): Files {
  const isPublic = config.access === "public";
  const services = groupsOf([
    ...open(shown.apps, isPublic).map((link) => entry("Apps", link)),
    ...(isPublic ? [] : shown.dashboards.map((link) => entry("Dashboards", link))),
    ...(isPublic ? [] : shown.machines.map((machine) => renderMachine(machine, shown.prometheus))),
    ...config.links.map(({ group, title, url }) => entry(group, { title, url })),
  ]);
  const settings = {
    title: config.title,
    hideVersion: true,
    disableUpdateCheck: true,
    // For a page whose address somebody found.
    ...(isPublic ? { disableIndexing: true } : {}),
  };
  return {
    "services.yaml": text(services),
    "settings.yaml": text(settings),
    ...Object.fromEntries(Object.entries(EMPTY).map(([name, value]) => [name, text(value)])),
    "custom.css": "",
    "custom.js": "",
  };
}

const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function open(links: readonly KnownLink[], isPublic: boolean): readonly KnownLink[] {
  return isPublic ? links.filter(({ access }) => access === "public") : links;
}

interface Entry {
  readonly group: string;
  readonly title: string;
  readonly body: object;
}

function entry(group: string, { title, url }: Pick<KnownLink, "title" | "url">): Entry {
  return { group, title, body: { href: url } };
}

/** Of a machine that sleeps, whether it does so now. Nothing here connects to it, which would wake it. */
function renderMachine(
  { name, sleeps }: Shown["machines"][number],
  prometheus: string | undefined,
): Entry {
  const description = sleeps ? "asleep when nobody uses it" : "always on";
  const widget = {
    type: "prometheusmetric",
    url: prometheus,
    refreshInterval: 30_000,
    metrics: [
      {
        label: "Asleep now",
        query: `max(vmstation_power_state{node="${name}",state="asleep"}) or vector(0)`,
      },
      {
        label: "Asleep, one day",
        query: `increase(vmstation_power_asleep_seconds_total{node="${name}"}[1d])`,
        format: { type: "duration" },
      },
    ],
  };
  const body = { description, ...(sleeps && prometheus !== undefined ? { widget } : {}) };
  return { group: "Machines", title: name, body };
}

/** [{ Apps: [{ Jellyfin: { href } }] }], in the order in which groups come. */
function groupsOf(entries: readonly Entry[]): object[] {
  const names = [...new Set(entries.map(({ group }) => group))];
  return names.map((name) => ({
    [name]: entries
      .filter(({ group }) => group === name)
      .map(({ title, body }) => ({ [title]: body })),
  }));
}
