import type { OpenQuestion } from "../../shared/facts";
import { fullName, type HostUse } from "../../shared/hosts";
import type { Problem } from "../../shared/problem";
import type { PlatformSite } from "../part";
import type { TunnelConfig } from "./config";
import { PATH } from "./names";

type Domains = Pick<PlatformSite, "domain" | "internalDomain">;

interface PublicHost {
  readonly use: HostUse;
  readonly name: string;
}

function publicHosts(hosts: readonly HostUse[], domains: Domains): PublicHost[] {
  return hosts.flatMap((use) => {
    const name = use.access === "public" ? fullName(use, domains) : undefined;
    return name === undefined ? [] : [{ use, name }];
  });
}

/** Whole names, sorted: each is written out, and no pattern covers a name that is not public. */
export function publicNames(hosts: readonly HostUse[], domains: Domains): string[] {
  return [...new Set(publicHosts(hosts, domains).map(({ name }) => name))].sort();
}

/** What the tunnel leads to, and the zone that its names are in. */
export function tunnelProblems(
  { internalRecord }: Pick<TunnelConfig, "internalRecord">,
  { offers, domain, internalDomain }: PlatformSite,
): Problem[] {
  const nowhere: Problem = {
    path: PATH,
    found: "a tunnel, and no ingress that it could lead to",
    accepted: "vmstation:platform.ingress, which knows what answers to each name",
  };
  const nameless: Problem = {
    path: "platform.domain",
    found: "nothing, beside a tunnel",
    accepted: `the domain of the zone in vmstation:${PATH}.zoneId, such as example.org: public names are below it`,
  };
  const elsewhere: Problem = {
    path: `${PATH}.internalRecord`,
    found: `true, for ${internalDomain}, which is not below vmstation:platform.domain ${domain ?? ""}`,
    accepted: `false, or vmstation:platform.internalDomain such as int.${domain ?? ""}`,
  };
  const isOutside = domain !== undefined && !internalDomain.endsWith(`.${domain}`);
  return [
    ...(offers.ingress === undefined ? [nowhere] : []),
    ...(domain === undefined ? [nameless] : []),
    ...(internalRecord && isOutside ? [elsewhere] : []),
  ];
}

/** What works, and may surprise. */
export function tunnelQuestions(
  { tokenSecret }: Pick<TunnelConfig, "tokenSecret">,
  site: Domains & Pick<PlatformSite, "offers">,
  hosts: readonly HostUse[],
): OpenQuestion[] {
  const found = publicHosts(hosts, site);
  return [
    ...(tokenSecret === site.offers.dnsToken ? [sharedToken(tokenSecret)] : []),
    ...found.flatMap((host) => deepName(host, site.domain)),
    ...found.flatMap(wakenByAnybody),
  ];
}

function sharedToken(secret: string): OpenQuestion {
  return {
    path: `${PATH}.tokenSecret`,
    message: `${secret} is the token of vmstation:platform.certificates too, which then may change tunnels. Make one for each.`,
  };
}

/** Cloudflare's own certificate, which the world sees, is for the domain and one label below it. */
function deepName({ use, name }: PublicHost, domain = ""): OpenQuestion[] {
  const below = name.slice(0, -domain.length - 1);
  if (!name.endsWith(`.${domain}`) || !below.includes(".")) return [];
  return [
    {
      path: use.path,
      message: `${name} is more than one label below ${domain}. Cloudflare's free certificate is not for such names.`,
    },
  ];
}

function wakenByAnybody({ use, name }: PublicHost): OpenQuestion[] {
  if (use.held === undefined) return [];
  return [
    {
      path: use.path.replace(/\.host$/, ".access"),
      message: `${name} is public, and its machine sleeps: each request from the internet wakes it, also one of a search engine.`,
    },
  ];
}
