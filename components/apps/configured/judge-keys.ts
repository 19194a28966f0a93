import { closest } from "fastest-levenshtein";
import { renderFound, type Problem } from "../../shared/problem";
import type { ConfiguredApp } from "./values";

/** What keys of an app say that others of its keys contradict. */
export function judgeKeys(app: ConfiguredApp): Problem[] {
  return [...judgeName(app), ...judgePortNames(app), ...judgeNodePorts(app), ...judgeVolumes(app)];
}

/** A Service begins with a letter (RFC 1035), and Helm's releases have the shortest names: 53 characters. */
const NAME = /^(?=.{1,50}$)[a-z](-*[a-z0-9])*$/;

/** It is the name of the app's namespace, its Service and its release. */
function judgeName({ plan: { name } }: ConfiguredApp): Problem[] {
  if (NAME.test(name)) return [];
  const accepted =
    "a name of small letters, digits and hyphens, such as my-notes: a letter first, at most 50 characters";
  return [{ path: `apps.${name}`, found: `an app called ${renderFound(name)}`, accepted }];
}

const at = ({ plan }: ConfiguredApp, key: string): string => `apps.${plan.name}.${key}`;

function judgePortNames(app: ConfiguredApp): Problem[] {
  const { config } = app;
  const names = Object.keys(config.ports);
  const uses = [
    { key: "hostPort", name: config.hostPort },
    { key: "use.port", name: config.use.port },
    { key: "metrics.port", name: config.metrics?.port },
  ];
  return uses.flatMap(({ key, name }) => {
    if (name === undefined || names.includes(name)) return [];
    const accepted = `one of ports: ${names.join(", ")}; did you mean ${closest(name, names)}?`;
    return [{ path: at(app, key), found: `${name}, which is no port of the app`, accepted }];
  });
}

/** Who comes by the LAN comes by a NodePort, and the control plane holds one for a machine that sleeps. */
function judgeNodePorts(app: ConfiguredApp): Problem[] {
  const { config, plan, sleeps } = app;
  const open = plan.ports.filter(({ nodePort }) => nodePort !== undefined);
  const closed = plan.ports.filter(({ nodePort }) => nodePort === undefined);
  const [port] = closed;
  if (port === undefined) return [];
  const missing = (found: string): Problem[] => [
    { path: port.path, found, accepted: "a free NodePort such as 30080" },
  ];
  if (config.host === undefined && open.length === 0) {
    return missing("nothing, and no host: nobody could reach the app");
  }
  const routed = plan.route?.port;
  const held = plan.ports.find(({ name }) => name === routed);
  if (sleeps && held !== undefined && held.nodePort === undefined) {
    const accepted = "a free NodePort such as 30080, which the control plane holds to wake it";
    const found = `nothing, on ${plan.machine ?? ""}, which sleeps`;
    return [{ path: held.path, found, accepted }];
  }
  // Kubernetes gives every port of a Service a NodePort, or none.
  return open.length > 0 && !sleeps ? missing("nothing, beside a port that has one") : [];
}

function judgeVolumes(app: ConfiguredApp): Problem[] {
  const { config, plan } = app;
  return Object.entries(config.volumes).flatMap(([name, volume]): Problem[] => {
    const key = at(app, `volumes.${name}`);
    const example = `path: /var/lib/${plan.name} or storageClass: NAME`;
    if ((volume.path === undefined) === (volume.storageClass === undefined)) {
      const found = volume.path === undefined ? "neither of the two" : "both";
      return [{ path: key, found, accepted: `one of ${example}` }];
    }
    if (plan.machine === undefined && volume.path !== undefined) {
      const found = `${volume.path}, for an app that runs anywhere`;
      return [{ path: `${key}.path`, found, accepted: "storageClass, or machine of the app" }];
    }
    if (volume.storageClass === undefined || !volume.readOnly) return [];
    const found = "true, for a claim that is made empty";
    return [{ path: `${key}.readOnly`, found, accepted: "false" }];
  });
}
