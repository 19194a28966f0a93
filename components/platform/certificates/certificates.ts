import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { RemoteStep } from "../../remote/remote-step";
import { createRelease } from "../../shared/chart-release";
import { isBelow, type Domains } from "../../shared/hosts";
import type { Problem } from "../../shared/problem";
import { CLASS, NAMESPACE as INGRESS_NAMESPACE } from "../ingress/names";
import { digestOf } from "../digest";
import { definePart, type PartFrame, type PlatformSite } from "../part";
import { authorityStep } from "./authority-step";
import { certificatesSchema, type CertificatesConfig } from "./config";
import { certificatesFacts } from "./facts";
import { CERTIFICATE, NAMESPACE, TOKEN } from "./names";
import { namesOf, renderCertificate, renderIssuers } from "./render-issuers";
import { renderRelease } from "./render-values";

/** One certificate for all names behind the ingress: cert-manager. */
export const certificates = definePart({
  schema: certificatesSchema,
  plan: (config, site) => ({
    facts: (hosts) => certificatesFacts(config, site, hosts),
    problems: unprovable(config, site),
    offers: { dnsToken: config.cloudflareTokenSecret },
    checks: { namespace: NAMESPACE },
    create: (frame) => create(config, site, frame),
  }),
});

/** Of names that the world does not have, and of domains that the token's zone does not hold. */
function unprovable({ issuer }: CertificatesConfig, site: PlatformSite): Problem[] {
  const { domain, internalDomain } = site;
  if (issuer === "private") return [];
  if (domain !== undefined && !isBelow(internalDomain, domain)) {
    return [
      {
        path: "platform.internalDomain",
        found: `${internalDomain}, which is not a part of vmstation:platform.domain ${domain}`,
        accepted: `a domain below it, such as int.${domain}: ${issuer} has to see that it is yours`,
      },
    ];
  }
  if (!HOME_ONLY.test(internalDomain)) return [];
  return [
    {
      path: "platform.certificates.issuer",
      found: `${issuer}, for ${internalDomain}, which is no domain of the world`,
      accepted: "private, or vmstation:platform.internalDomain below a domain of yours",
    },
  ];
}

/** Names that nobody can own, and names without a domain. */
const HOME_ONLY =
  /(^|\.)(local|lan|home|internal|intranet|private|corp|test|example|invalid|localhost|home\.arpa)$|^[^.]+$/;

function create(
  config: CertificatesConfig,
  site: PlatformSite,
  frame: PartFrame,
): readonly pulumi.Resource[] {
  const { prefix, opts, charts } = frame;
  const release = createRelease(
    prefix,
    renderRelease(config, {
      machines: site.machines,
      charts,
      tokenDigest: digestToken(config, frame),
    }),
    NAMESPACE,
    charts,
    opts(),
  );
  const token = createToken(config, frame);
  const authority = bringAuthority(config, site, frame);
  if (config.issuer !== "private" && token.length === 0) return [release];
  const zones = [site.domain ?? site.internalDomain];
  const issuers = renderIssuers(config, zones).map(
    (object) =>
      new k8s.apiextensions.CustomResource(
        `${prefix}-${object.kind.toLowerCase()}-${object.metadata.name}`,
        object,
        opts([release, ...token, ...authority]),
      ),
  );
  return site.has("ingress") ? createForIngress(site, frame, issuers) : issuers;
}

function digestToken(
  { issuer, cloudflareTokenSecret }: CertificatesConfig,
  { secrets }: PartFrame,
): pulumi.Output<string> | undefined {
  const value = issuer === "private" ? undefined : secrets(cloudflareTokenSecret);
  return value && pulumi.unsecret(value.apply((token) => digestOf(token)));
}

/** Out of Helm's values, where everybody who may read releases would read it. */
function createToken(
  { issuer, cloudflareTokenSecret }: CertificatesConfig,
  { prefix, opts, secrets }: PartFrame,
): pulumi.Resource[] {
  const value = secrets(cloudflareTokenSecret);
  if (issuer === "private" || value === undefined) return [];
  const metadata = { name: TOKEN.name, namespace: NAMESPACE };
  const stringData = { [TOKEN.key]: value };
  return [new k8s.core.v1.Secret(`${prefix}-token`, { metadata, stringData }, opts())];
}

/** Before cert-manager makes a new one, and removed after what uses it. */
function bringAuthority(
  { issuer }: CertificatesConfig,
  { controller: machine }: PlatformSite,
  { prefix, opts, access }: PartFrame,
): pulumi.Resource[] {
  if (issuer !== "private" || machine === undefined) return [];
  const args = { machine, access, step: authorityStep() };
  return [new RemoteStep(`${prefix}-authority-${machine.name}`, args, opts())];
}

function createForIngress(
  domains: Domains,
  { prefix, opts }: PartFrame,
  issuers: readonly pulumi.Resource[],
): pulumi.Resource[] {
  const certificate = new k8s.apiextensions.CustomResource(
    `${prefix}-${CERTIFICATE}`,
    renderCertificate(domains, INGRESS_NAMESPACE),
    opts(issuers),
  );
  const route = new k8s.networking.v1.Ingress(
    `${prefix}-${CERTIFICATE}-route`,
    {
      metadata: {
        name: CERTIFICATE,
        namespace: INGRESS_NAMESPACE,
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: renderTls(domains),
    },
    opts(),
  );
  return [certificate, route];
}

/** Traefik offers the certificate of any Ingress for all names that it fits. This one leads nowhere by itself. */
export function renderTls(domains: Domains): k8s.types.input.networking.v1.IngressSpec {
  const hosts = namesOf(domains);
  return {
    ingressClassName: CLASS,
    tls: [{ hosts, secretName: CERTIFICATE }],
    rules: [{ host: domains.internalDomain }],
  };
}
