import {
  CONFIGURED,
  withConfigured,
  withIngress,
} from "../../support/fixtures/apps/configured/apps";
import type { Change } from "../../support/homelab";
import type { Rejection } from "./rejection";

/** A mistake in one key of an app from the configuration. */
function mistake(
  name: string,
  keys: readonly string[],
  value: unknown,
  [path, found, accepted]: readonly [path: string, found: RegExp, accepted: RegExp],
): Rejection {
  const change: Change = [["apps", ...keys], value];
  return { name, changes: [...withConfigured, change], path: `apps.${path}`, found, accepted };
}

const FEED = "test/support/fixtures/apps/configured/feed.yaml";

/** What a stack's file says of apps that no file of the program describes. */
export const REJECTED_APPS: readonly Rejection[] = [
  mistake("an app that is misspelt", ["jelyfin"], { machine: "hazel" }, [
    "jelyfin.kind",
    /^nothing$/,
    /^kind: chart, kustomize or manifests, for an app of your own; without a kind one of .*; did you mean jellyfin\?$/,
  ]),
  mistake("an app without a machine", ["feed", "machine"], undefined, [
    "feed.machine",
    /^nothing$/,
    /a name such as nas-1/,
  ]),
  mistake("an app on a machine that is not there", ["feed", "machine"], "hasel", [
    "feed.machine",
    /^hasel, which is no machine here$/,
    /did you mean hazel\?/,
  ]),
  mistake(
    "a file that is not there",
    ["feed", "files"],
    ["apps/feed.yaml"],
    ["feed.files", /^apps\/feed\.yaml: no such file$/, /a file of the project's folder/],
  ),
  mistake(
    "a file outside of the project",
    ["feed", "files"],
    ["/etc/feed.yaml"],
    [
      "feed.files[0]",
      /\/etc\/feed\.yaml/,
      /a path in the project's folder, such as apps\/notes\/notes\.yaml/,
    ],
  ),
  mistake(
    "a dashboard that is no JSON",
    ["feed", "dashboards"],
    [FEED],
    [
      "feed.dashboards[0]",
      new RegExp(`^${FEED} line 1 column 1: no JSON$`),
      /^a dashboard as Grafana exports it: JSON with title and panels$/,
    ],
  ),
  mistake("a folder without a kustomization", ["board", "folder"], "apps/board", [
    "board.folder",
    /^apps\/board: no such file$/,
    /a folder with a kustomization\.yaml/,
  ]),
  mistake("a workload by another name", ["feed", "workload"], { name: "fed" }, [
    "feed.workload.name",
    /^fed, which is no Deployment there$/,
    /one of feed; did you mean feed\?/,
  ]),
  mistake("a port that its Service does not have", ["feed", "ports", "http", "port"], 8080, [
    "feed.ports.http.port",
    /^8080, which is no port of the Service feed$/,
    /^one of 80$/,
  ]),
  mistake("a claim that is no volume of the app", ["feed", "volumes"], {}, [
    "feed.files",
    new RegExp(`^${FEED} line 20: Deployment feed: the claim data, which is no volume of the app$`),
    /volumes: \{ data: \{ path: \/var\/lib\/feed \} \}/,
  ]),
  mistake("a Secret that nothing makes", ["feed", "secrets"], {}, [
    "feed.files",
    /Deployment feed: the Secret feed, which nothing makes$/,
    /^secrets: \{ feed: \{ KEY: nameOfASecretKey \} \} of the app$/,
  ]),
  {
    name: "a secret of an app that is not set",
    changes: [...withConfigured, [["feedToken"], undefined]],
    path: "apps.feed.secrets.feed.token",
    found: /^feedToken, a secret that is not set, for the app feed/,
    accepted: /^npx vmstation pulumi config set --secret vmstation:feedToken$/,
  },
  mistake("a NodePort that another app has", ["feed", "ports", "http", "nodePort"], 30_082, [
    "feed.ports.http.nodePort",
    /30082/,
    /./,
  ]),
  mistake("a port that nobody could reach", ["feed", "ports"], { http: { port: 80 } }, [
    "feed.ports.http.nodePort",
    /^nothing, and no host: nobody could reach the app$/,
    /a free NodePort such as 30080/,
  ]),
  mistake("a weak Pod Security without a reason", ["feed", "podSecurity"], { level: "baseline" }, [
    "feed.podSecurity.reason",
    /^nothing$/,
    /why its pods need more than restricted, in a sentence/,
  ]),
  mistake("a folder of an app that runs anywhere", ["feed", "machine"], "anywhere", [
    "feed.volumes.data.path",
    /^\/var\/lib\/feed, for an app that runs anywhere$/,
    /storageClass, or machine of the app/,
  ]),
  mistake("a volume that is neither folder nor claim", ["feed", "volumes", "data"], {}, [
    "feed.volumes.data",
    /^neither of the two$/,
    /path: \/var\/lib\/feed or storageClass: NAME/,
  ]),
  mistake("more than its quota", ["feed", "quota"], { limits: { memory: "256Mi" } }, [
    "feed.resources.limits.memory",
    /^nothing$/,
    /at most apps\.feed\.quota\.limits\.memory, 256Mi/,
  ]),
  mistake("a probe that is not there", ["feed", "use"], { probe: "apps/probe.py" }, [
    "feed.use.probe",
    /^apps\/probe\.py, which is not there$/,
    /a Python file of the project with def users/,
  ]),
  mistake("a port for metrics by another name", ["feed", "metrics"], { port: "htp" }, [
    "feed.metrics.port",
    /^htp, which is no port of the app$/,
    /did you mean http\?/,
  ]),
  mistake("access without a host", ["feed", "access"], "internal", [
    "feed.access",
    /internal/,
    /apps\.feed\.host as well, such as host: feed/,
  ]),
  {
    name: "an app that has a name of Kubernetes",
    changes: [
      ...withConfigured,
      [
        ["apps", "kube-system"],
        { ...CONFIGURED.whoami, ports: { http: { port: 80, nodePort: 30_090 } } },
      ],
    ],
    path: "apps.kube-system",
    found: /which is the namespace of something else$/,
    accepted: /another name/,
  },
  ...["My_Notes", "notes.home", "2048", "notes-", "n".repeat(51)].map((name): Rejection => ({
    name: `an app called ${name}`,
    changes: [[["apps", name], { ...CONFIGURED.board, workload: { name: "board" } }]],
    path: `apps.${name}`,
    found: new RegExp(`^an app called "${name}"$`),
    accepted: /^a name of small letters, digits and hyphens, such as my-notes/,
  })),
  mistake("a chart that is not there", ["whoami", "chart", "name"], "whoamy", [
    "whoami.chart.name",
    /^whoamy, which is no chart in \.\/test\/support/,
    /one of whoami; did you mean whoami\?/,
  ]),
  mistake("a chart's name that is none", ["whoami", "chart", "name"], "repo/whoami", [
    "whoami.chart.name",
    /repo\/whoami/,
    /a chart's name, such as whoami/,
  ]),
  mistake("a version that is not there", ["whoami", "chart", "version"], "1.3.0", [
    "whoami.chart.version",
    /^1\.3\.0, which is not there: .*whoami is 1\.2\.0$/,
    /^1\.2\.0$/,
  ]),
  mistake("a version that may be any", ["whoami", "chart", "version"], "^1.2.0", [
    "whoami.chart.version",
    /\^1\.2\.0/,
    /exactly one, no range and no latest/,
  ]),
  mistake("a value of the wrong type", ["whoami", "values"], { replicas: "two" }, [
    "whoami.values.replicas",
    /^"two"$/,
    /^the type integer$/,
  ]),
  mistake("a value that the chart does not know", ["whoami", "values"], { greting: "hello" }, [
    "whoami.values.greting",
    /^a key that the chart does not know$/,
    /./,
  ]),
  mistake("a secret among a chart's values", ["whoami", "values"], { auth: { password: "x" } }, [
    "whoami.values.auth.password",
    /^what looks like a secret in plain$/,
    /existingSecret: NAME; or, where it is none, notSecret: \[auth\.password\]$/,
  ]),
  mistake(
    "a digest of a chart that comes from no registry",
    ["whoami", "chart", "digest"],
    `sha256:${"a".repeat(64)}`,
    ["whoami.chart.digest", /^a digest, of a chart from/, /only a registry/],
  ),
  {
    name: "a host that two apps have",
    changes: [
      ...[...withIngress, ...withConfigured],
      [["apps", "feed", "host"], "news"],
      [["apps", "board", "host"], "news.int.example.org"],
    ],
    path: "apps.feed.host",
    found: /^news\.int\.example\.org, which vmstation:apps\.board\.host has too$/,
    accepted: /a name that nothing else has/,
  },
  {
    name: "a name for the LAN alone",
    changes: [
      ...[...withIngress, ...withConfigured],
      [["apps", "feed", "host"], "news"],
      [["apps", "feed", "access"], "lan"],
    ],
    path: "apps.feed.access",
    found: /^lan, beside the name news$/,
    accepted: /internal or public; access: lan is for an app without a host/,
  },
  {
    name: "a public app without a tunnel",
    changes: [
      ...[...withIngress, ...withConfigured],
      [["apps", "feed", "host"], "news"],
      [["apps", "feed", "access"], "public"],
    ],
    path: "apps.feed.access",
    found: /^public, and no way in from outside$/,
    accepted: /vmstation:platform\.tunnel/,
  },
  {
    name: "a name on a machine that sleeps, without the port that wakes it",
    changes: [
      ...[...withIngress, ...withConfigured],
      [["apps", "feed", "host"], "news"],
      [["apps", "feed", "ports", "http", "nodePort"], undefined],
    ],
    path: "apps.feed.ports.http.nodePort",
    found: /^nothing, on hazel, which sleeps$/,
    accepted: /which the control plane holds to wake it/,
  },
];
