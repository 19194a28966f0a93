import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { parseRange } from "../../shared/addresses";
import { RemoteStep } from "../../remote/remote-step";
import { createRelease } from "../../shared/chart-release";
import type { Problem } from "../../shared/problem";
import { definePart, type PartFrame, type PlatformSite } from "../part";
import { loadBalancerSchema, type LoadBalancerConfig } from "./config";
import { announcersOf, loadBalancerFacts } from "./facts";
import { NAMESPACE } from "./names";
import { ASK_LAN, poolReadyStep } from "./pool-ready-step";
import { renderAdvertisements, renderPool } from "./render-pool";
import { renderRelease } from "./render-values";

/** Addresses of the LAN for Services: MetalLB, which answers ARP for them. */
export const loadBalancer = definePart({
  schema: loadBalancerSchema,
  plan: (config, site) => ({
    facts: loadBalancerFacts(config, site),
    problems: [...sleepingAnnouncers(config, site), ...namelessNics(config, site)],
    offers: {
      pool: config.addresses.flatMap((text) => parseRange(text) ?? []),
      announcers: announcersOf(config, site.machines),
    },
    checks: {
      addresses: config.addresses,
      namespace: NAMESPACE,
      askLan: ASK_LAN,
      from: site.controller?.address ?? "",
    },
    create: (frame) => create(config, site, frame),
  }),
});

/** Its addresses would move with every sleep, and nobody would answer where all of them sleep. */
function sleepingAnnouncers(config: LoadBalancerConfig, { machines }: PlatformSite): Problem[] {
  return (config.machines ?? []).flatMap((name, i) =>
    machines.some((machine) => machine.name === name && machine.sleeps)
      ? [
          {
            path: `platform.loadBalancer.machines[${i}]`,
            found: `${name}, which sleeps`,
            accepted: "a machine whose power.mode is always-on: it answers for the addresses",
          },
        ]
      : [],
  );
}

/** MetalLB is told of an interface by its name alone; on all of them a machine would answer in other networks too. */
function namelessNics(config: LoadBalancerConfig, { machines }: PlatformSite): Problem[] {
  const announcers = announcersOf(config, machines);
  return machines.flatMap(({ name, nic }) =>
    announcers.includes(name) && nic === undefined
      ? [
          {
            path: `machines.${name}.nic`,
            found: "nothing, on a machine that answers for platform.loadBalancer.addresses",
            accepted: "its NIC's name, such as enp3s0: `ip -4 address` there shows it",
          },
        ]
      : [],
  );
}

function create(
  config: LoadBalancerConfig,
  { machines, controller }: PlatformSite,
  { prefix, opts, charts, access }: PartFrame,
): readonly pulumi.Resource[] {
  const announcers = announcersOf(config, machines);
  const release = createRelease(
    prefix,
    renderRelease(config, { machines, announcers, charts }),
    NAMESPACE,
    charts,
    opts(),
  );
  const args = renderPool(config.addresses);
  const ranges = config.addresses.flatMap((text) => parseRange(text) ?? []);
  const ready =
    controller === undefined
      ? []
      : [
          new RemoteStep(
            `${prefix}-ready-${controller.name}`,
            { machine: controller, access, step: poolReadyStep(controller, ranges, args) },
            opts([release]),
          ),
        ];
  const pool = new k8s.apiextensions.CustomResource(
    `${prefix}-pool`,
    args,
    opts([release, ...ready]),
  );
  const announcing = machines.flatMap(({ name, nic }) =>
    nic !== undefined && announcers.includes(name) ? [{ name, nic }] : [],
  );
  const advertisements = renderAdvertisements(announcing).map(
    (args) =>
      new k8s.apiextensions.CustomResource(`${prefix}-${args.metadata.name}`, args, opts([pool])),
  );
  return [pool, ...advertisements];
}
