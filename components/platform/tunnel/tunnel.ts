import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { digestOf } from "../digest";
import { definePart, type PartFrame, type PlatformSite } from "../part";
import { steadyMachines } from "../place";
import { createEdge, type Edge } from "./cloudflare";
import { tunnelSchema, type TunnelConfig } from "./config";
import { tunnelFacts } from "./facts";
import { NAME, NAMESPACE, PODS } from "./names";
import { publicNames, tunnelProblems } from "./public-hosts";
import { CREDENTIALS, renderCredentials, renderTunnelFile } from "./render-config";
import { renderDeployment } from "./render-deployment";

/** A way in for everybody, to the names that are public and to no others: Cloudflare Tunnel. */
export const tunnel = definePart({
  schema: tunnelSchema,
  plan: (config, site) => ({
    facts: (hosts) => tunnelFacts(config, site, hosts),
    problems: tunnelProblems(config, site),
    outputs: internalNames(config, site),
    checks: { namespace: NAMESPACE, replicas: config.replicas },
    create: (frame) => create(config, site, frame),
  }),
});

/** What people have to know of a record in the world's DNS whose address is one at home. */
function internalNames(
  { internalRecord }: TunnelConfig,
  { offers, internalDomain }: PlatformSite,
): Record<string, string> {
  if (!internalRecord || offers.ingress === undefined) return {};
  return {
    internalNames: `*.${internalDomain} is ${offers.ingress.address}. A router that drops such answers (rebind protection) has to let ${internalDomain} through`,
  };
}

const metadata = { name: NAME, namespace: NAMESPACE };

/** Nothing while the token is not set. */
function create(
  config: TunnelConfig,
  site: PlatformSite,
  frame: PartFrame,
): readonly pulumi.Resource[] {
  const { prefix, opts, secrets } = frame;
  const token = secrets(config.tokenSecret);
  if (token === undefined) return [];
  const edge = createEdge(config, frame, token);
  const names = publicNames(frame.hosts, site);
  const deployment = createDeployment(config, site, frame, edge, names);
  new k8s.policy.v1.PodDisruptionBudget(
    `${prefix}-budget`,
    { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: PODS } } },
    opts(),
  );
  const { ingress } = site.offers;
  if (config.internalRecord && ingress !== undefined)
    edge.createInternal(site.internalDomain, ingress.address);
  return [deployment, ...names.map((name) => edge.createRecord(name, [deployment]))];
}

/** Its pods, which are replaced when what they read at their start changes. */
function createDeployment(
  config: TunnelConfig,
  { machines }: PlatformSite,
  { prefix, opts, charts, made }: PartFrame,
  edge: Edge,
  names: readonly string[],
): k8s.apps.v1.Deployment {
  const file = edge.id.apply((id) => renderTunnelFile(id, names));
  const credentials = pulumi
    .all([edge.id, edge.secret])
    .apply(([id, secret]) => renderCredentials(config.accountId, id, secret));
  const files = [
    new k8s.core.v1.ConfigMap(
      `${prefix}-config`,
      { metadata, data: { "config.yaml": file } },
      opts(),
    ),
    new k8s.core.v1.Secret(
      `${prefix}-credentials`,
      { metadata, stringData: { [CREDENTIALS]: pulumi.secret(credentials) } },
      opts(),
    ),
  ];
  const { template, ...spec } = renderDeployment(config, steadyMachines(machines), charts);
  const digest = pulumi.unsecret(
    pulumi.all([file, credentials]).apply((texts) => digestOf(...texts)),
  );
  return new k8s.apps.v1.Deployment(
    `${prefix}-pods`,
    {
      metadata,
      spec: {
        ...spec,
        template: {
          ...template,
          metadata: { ...template.metadata, annotations: { "vmstation.io/config": digest } },
        },
      },
    },
    opts([...files, ...made("ingress")]),
  );
}
