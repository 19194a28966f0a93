import type { SecretUse } from "../../shared/facts";
import type { App, AppPlan, AppPort, AppRoute, AppSite } from "../frame/app";
import { ownBackups, ownVolume } from "../frame/own-volume";
import { renderInternetEgress, renderPodPolicy } from "../frame/policies";
import { routeOf } from "../frame/route";
import { judgeAdminToken } from "./admin-token";
import { type VaultwardenConfig, vaultwardenSchema } from "./config";
import { deployVaultwarden, VAULTWARDEN_PORT } from "./workload";

const NAME = "vaultwarden";

/** The administrator's page, which the world never reaches. */
const ADMIN = "/admin";

export const vaultwarden: App<typeof vaultwardenSchema> = {
  schema: vaultwardenSchema,
  plan: planVaultwarden,
};

function planVaultwarden(config: VaultwardenConfig, site: AppSite): AppPlan {
  const ports = listPorts(config, site);
  return {
    name: NAME,
    title: "Vaultwarden",
    machine: config.machine,
    podSecurity: "restricted",
    resources: config.resources,
    ports,
    volumes: [ownVolume("data", `apps.${NAME}.data`, config.data, config.uid)],
    policies: [
      // Without TLS nothing comes straight from the LAN.
      renderPodPolicy(NAME, VAULTWARDEN_PORT, site),
      // Icons of sites, whether a password is among stolen ones, and mail.
      renderInternetEgress(NAME, [80, 443, ...(config.mail ? [config.mail.port] : [])], site),
    ],
    secrets: listSecrets(config),
    idle: { port: VAULTWARDEN_PORT },
    ...listRoutes(config),
    workload: { kind: "StatefulSet", name: NAME },
    service: NAME,
    backups: ownBackups(config.data),
    deploy: (frame) => {
      deployVaultwarden(config, ports, frame);
    },
  };
}

/** Without TLS it has no port on a machine, but one that the control plane holds for a machine that sleeps. */
function listPorts(config: VaultwardenConfig, { machines }: AppSite): AppPort[] {
  const path = `apps.${NAME}.nodePort`;
  const sleeps = machines.some(({ name, sleeps }) => name === config.machine && sleeps);
  const nodePort = sleeps ? config.nodePort : undefined;
  return [{ name: "http", port: VAULTWARDEN_PORT, nodePort, path, speaks: "http" }];
}

function listSecrets({ adminTokenSecret, mail }: VaultwardenConfig): SecretUse[] {
  const uses: [string, string | undefined, string, SecretUse["judge"]?][] = [
    ["adminTokenSecret", adminTokenSecret, "Vaultwarden has no /admin", judgeAdminToken],
    ["mail.passwordSecret", mail?.passwordSecret, "Vaultwarden sends no mail"],
  ];
  return uses.flatMap(([key, name, leftOut, judge]) =>
    name === undefined
      ? []
      : [{ path: `apps.${NAME}.${key}`, name, leftOut, ...(judge && { judge }) }],
  );
}

function listRoutes(config: VaultwardenConfig): Pick<AppPlan, "route" | "moreRoutes"> {
  const { adminHost, access } = config;
  const route = routeOf(NAME, config, "http");
  if (route === undefined) return {};
  if (access !== "public") return { route };
  const admin: AppRoute[] =
    adminHost === undefined
      ? []
      : [
          {
            ...{ path: `apps.${NAME}.adminHost`, written: adminHost, access: "internal" },
            ...{ port: "http", suffix: "admin" },
          },
        ];
  return { route: { ...route, closed: [ADMIN] }, moreRoutes: admin };
}
