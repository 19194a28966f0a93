import type { Rejection } from "./rejection";
import { INGRESS } from "./rejected-platform";

const ID = "0123456789abcdef0123456789abcdef";
const TUNNEL = { accountId: ID, zoneId: ID, tokenSecret: "cloudflareToken" };

const HOST = ["apps", "jellyfin", "host"];

/** Mistakes in the way in for everybody. */
export const REJECTED_TUNNEL: readonly Rejection[] = [
  {
    name: "a tunnel without an ingress",
    changes: [[["platform"], { domain: "rowan.se", tunnel: TUNNEL }]],
    path: "platform.tunnel",
    found: /^a tunnel, and no ingress that it could lead to$/,
    accepted: /vmstation:platform\.ingress/,
  },
  {
    name: "a tunnel without a domain",
    changes: INGRESS([["platform", "domain"], undefined], [["platform", "tunnel"], TUNNEL]),
    path: "platform.domain",
    found: /^nothing, beside a tunnel$/,
    accepted: /the domain of the zone in vmstation:platform\.tunnel\.zoneId/,
  },
  {
    name: "a tunnel's account that is no ID",
    changes: INGRESS([["platform", "tunnel"], { ...TUNNEL, accountId: 1234 }]),
    path: "platform.tunnel.accountId",
    found: /1234/,
    accepted: /the ID of the account, 32 hexadecimal digits in quotes/,
  },
  {
    name: "a tunnel's zone that is a name",
    changes: INGRESS([["platform", "tunnel"], { ...TUNNEL, zoneId: "rowan.se" }]),
    path: "platform.tunnel.zoneId",
    found: /rowan\.se/,
    accepted: /the ID of the zone, 32 hexadecimal digits in quotes/,
  },
  {
    name: "a tunnel without its zone",
    changes: INGRESS([["platform", "tunnel"], { accountId: ID, tokenSecret: "cloudflareToken" }]),
    path: "platform.tunnel.zoneId",
    found: /^nothing$/,
    accepted: /the zone/,
  },
  {
    name: "a public name of another zone than the tunnel's",
    changes: INGRESS(
      [["platform", "tunnel"], TUNNEL],
      [HOST, "films.example.net"],
      [["apps", "jellyfin", "access"], "public"],
    ),
    path: "apps.jellyfin.host",
    found: /^films\.example\.net, which no certificate here is for$/,
    accepted: /example\.org/,
  },
  {
    name: "a record for internal names of another domain than the tunnel's",
    changes: INGRESS(
      [["platform", "internalDomain"], "rowan.lan"],
      [["platform", "tunnel"], { ...TUNNEL, internalRecord: true }],
    ),
    path: "platform.tunnel.internalRecord",
    found: /^true, for rowan\.lan, which is not below vmstation:platform\.domain example\.org$/,
    accepted: /internalDomain such as int\.example\.org/,
  },
];
