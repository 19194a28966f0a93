import { CONFIGURED } from "../../support/fixtures/apps/configured/apps";
import type { Change } from "../../support/homelab";
import type { Rejection } from "./rejection";

const { feed } = CONFIGURED;

/** An app of manifests by another name; what its files say is not what these are about. */
function app(name: string, nodePort: number, more: object): Change {
  const ports = { http: { ...feed.ports.http, nodePort } };
  return [["apps", name], { ...feed, ports, dashboards: [], volumes: {}, ...more }];
}

/** Names that the program makes of two, which two pairs of names may give. */
export const REJECTED_TWINS: readonly Rejection[] = [
  {
    name: "a volume that has the name of another app's",
    changes: [
      app("a", 30_091, { volumes: { "b-c": { path: "/var/lib/one" } } }),
      app("a-b", 30_092, { volumes: { c: { path: "/var/lib/two" } } }),
    ],
    path: "apps.a-b.volumes.c.path",
    found: /^the PersistentVolume a-b-c, which vmstation:apps\.a\.volumes\.b-c\.path has too$/,
    accepted: /^another name of the app or of the volume$/,
  },
  {
    name: "backups of an app that have the name of another app's",
    changes: [
      app("a", 30_091, { volumes: { x: { path: "/srv/b" }, y: { path: "/srv/c" } } }),
      app("a-srv-b", 30_092, { volumes: { data: { path: "/var/lib/two" } } }),
    ],
    path: "apps.a-srv-b.volumes.data.path",
    found: /^the backup a-srv-b, which vmstation:apps\.a\.volumes\.x\.path has too$/,
    accepted: /^another name of the app, of the volume or of its folder$/,
  },
  {
    name: "an app whose backups have the name of Grafana's",
    changes: [app("grafana", 30_091, { volumes: { data: { path: "/var/lib/two" } } })],
    path: "apps.grafana.volumes.data.path",
    found: /^the backup grafana, which vmstation:monitoring\.\S+ has too$/,
    accepted: /^another name of the app/,
  },
  ...["etcd", "control-plane", "apps", "all"].map((name): Rejection => ({
    name: `an app called ${name}, which means something else to vmstation backup`,
    changes: [app(name, 30_091, { volumes: { data: { path: "/var/lib/two" } } })],
    path: `apps.${name}.volumes.data.path`,
    found: new RegExp(`^the backup ${name}, which vmstation:backup has too$`),
    accepted: /^another name of the app/,
  })),
  {
    name: "a dashboard that has the address of another app's own",
    changes: [
      app("feed", 30_091, { dashboards: feed.dashboards }),
      app("feed-readers", 30_092, {}),
    ],
    path: "apps.feed-readers",
    found: /^the dashboard app-feed-readers, which vmstation:apps\.feed\.dashboards has too$/,
    accepted: /^another name of the app or of the file$/,
  },
  {
    name: "an app that has the title of another one",
    changes: [app("box-12", 30_091, {}), app("box12", 30_092, {})],
    path: "apps.box12",
    found: /^the title Box12, which vmstation:apps\.box-12 has too$/,
    accepted: /^another name of the app/,
  },
];
