import { fullName, isBelow, type HostUse } from "../../components/shared/hosts";
import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";

/** Names behind the ingress: that there is one, that each name is one of the stack's domains, and nobody else's. */
export function hostRules(site: Site): Problem[] {
  const { hosts } = site.facts;
  const ingress = site.platform?.offers.ingress;
  const onlyLan = hosts.filter(({ access }) => access === "lan").map(withoutName);
  if (ingress === undefined) return [...onlyLan, ...hosts.map(withoutIngress)];
  return [
    ...onlyLan,
    ...hosts.flatMap((use) => withoutDomain(use, site)),
    ...hosts.flatMap((use) => outsideDomains(use, site)),
    ...hosts.flatMap((use) => unreachable(use, site)),
    ...twice(site),
  ];
}

/** On the LAN people come by a port, which has no name and no TLS. */
function withoutName({ path, written }: HostUse): Problem {
  return {
    path: path.replace(/\.host$/, ".access"),
    found: `lan, beside the name ${written}`,
    accepted: "internal or public; access: lan is for an app without a host, which has a NodePort",
  };
}

function withoutIngress({ path, written }: HostUse): Problem {
  return {
    path,
    found: `${written}, and nothing that would answer to it`,
    accepted: "vmstation:platform.ingress, which sends a name to an app; without one no host",
  };
}

const nameOf = (use: HostUse, { platform }: Site): string | undefined =>
  platform?.offers.ingress && fullName(use, platform.offers.ingress);

function withoutDomain(use: HostUse, site: Site): Problem[] {
  if (nameOf(use, site) !== undefined) return [];
  return [
    {
      path: use.path,
      found: `${use.written}, and no domain that it is a name of`,
      accepted: "vmstation:platform.domain, such as example.org",
    },
  ];
}

function outsideDomains(use: HostUse, site: Site): Problem[] {
  const name = nameOf(use, site);
  const { domain, internalDomain } = site.platform?.offers.ingress ?? {};
  const domains = [internalDomain, domain].filter((each) => each !== undefined);
  if (name === undefined || domains.some((each) => isBelow(name, each))) return [];
  return [
    {
      path: use.path,
      found: `${name}, which no certificate here is for`,
      accepted: `a label, or a name below ${domains.join(" or ")}`,
    },
  ];
}

/** Who is outside knows only public names, and comes by the tunnel. */
function unreachable(use: HostUse, site: Site): Problem[] {
  const name = nameOf(use, site);
  if (use.access !== "public" || name === undefined) return [];
  const { domain, internalDomain } = site.platform?.offers.ingress ?? {};
  const isInside = internalDomain !== undefined && isBelow(name, internalDomain);
  if (isInside && internalDomain !== domain) {
    return [
      {
        path: use.path,
        found: `${name}, a public name within ${internalDomain}, which only home knows`,
        accepted: "a name of vmstation:platform.domain outside of it, or access: internal",
      },
    ];
  }
  if (site.config.platform !== undefined && "tunnel" in site.config.platform) return [];
  return [
    {
      path: use.path.replace(/\.host$/, ".access"),
      found: "public, and no way in from outside",
      accepted: "internal, or vmstation:platform.tunnel",
    },
  ];
}

function twice(site: Site): Problem[] {
  const { hosts } = site.facts;
  return hosts.flatMap((later, i) => {
    const name = nameOf(later, site);
    const earlier = hosts.slice(0, i).find((other) => nameOf(other, site) === name);
    if (name === undefined || earlier === undefined) return [];
    return [
      {
        path: later.path,
        found: `${name}, which vmstation:${earlier.path} has too`,
        accepted: "a name that nothing else has",
      },
    ];
  });
}
