import { posix } from "node:path";
import { closest } from "fastest-levenshtein";
import { isWithin } from "../../shared/folders";
import { containersOf } from "./pods";
import { isRecord, listAt, mapAt, textAt } from "./objects";
import type { ConfiguredApp } from "./values";

type Spec = Readonly<Record<string, unknown>>;
interface Judged {
  readonly found: string;
  readonly accepted: string;
}

/** What a pod says that contradicts the app's frame. */
export function judgePod(spec: Spec, app: ConfiguredApp): Judged[] {
  return [
    ...judgePlace(spec, app),
    ...judgeHost(spec, app),
    ...listAt(spec, "volumes").flatMap((volume) => judgeVolume(volume, app)),
    ...listSecretNames(spec).flatMap((name) => judgeSecret(name, app)),
  ];
}

function judgePlace(spec: Spec, { plan }: ConfiguredApp): Judged[] {
  const selected = mapAt(spec, "nodeSelector")["kubernetes.io/hostname"];
  const named = textAt(spec, "nodeName") ?? (typeof selected === "string" ? selected : undefined);
  if (named === undefined || named === plan.machine) return [];
  return [{ found: `the machine ${named}`, accepted: "none: machine of the app says it" }];
}

/** What only a privileged namespace admits. */
function judgeHost(spec: Spec, { plan }: ConfiguredApp): Judged[] {
  if (plan.podSecurity === "privileged") return [];
  const keys = ["hostNetwork", "hostPID", "hostIPC"].filter((key) => spec[key] === true);
  const ports = containersOf(spec).flatMap((container) => listAt(container, "ports"));
  const hostPort = ports.find((port) => port.hostPort !== undefined)?.hostPort;
  const found = [...keys, ...(hostPort === undefined ? [] : [`hostPort ${Number(hostPort)}`])];
  const accepted = `none, or podSecurity: { level: privileged, reason: … }; people come by ports of the app`;
  return found.map((key) => ({ found: key, accepted }));
}

function judgeVolume(volume: Spec, { plan, config }: ConfiguredApp): Judged[] {
  const claim = textAt(volume.persistentVolumeClaim, "claimName");
  const hostPath = textAt(volume.hostPath, "path");
  const names = Object.keys(config.volumes);
  if (claim !== undefined && !names.includes(claim)) {
    const accepted =
      names.length === 0
        ? `volumes: { ${claim}: { path: /var/lib/${plan.name} } } of the app`
        : `one of volumes of the app: ${names.join(", ")}; did you mean ${closest(claim, names)}?`;
    return [{ found: `the claim ${claim}, which is no volume of the app`, accepted }];
  }
  if (hostPath === undefined || isOwn(hostPath, config.volumes)) return [];
  const accepted = `a claim: volumes: { data: { path: ${hostPath} } } of the app, mounted by persistentVolumeClaim`;
  return [{ found: `the hostPath ${hostPath}, outside of the app's volumes`, accepted }];
}

function isOwn(path: string, volumes: ConfiguredApp["config"]["volumes"]): boolean {
  return Object.values(volumes).some(
    (volume) => volume.path !== undefined && isWithin(posix.normalize(path), volume.path),
  );
}

function judgeSecret(name: string, { config }: ConfiguredApp): Judged[] {
  const names = Object.keys(config.secrets);
  if (names.includes(name)) return [];
  const meant = names.length === 0 ? "" : `; did you mean ${closest(name, names)}?`;
  const accepted = `secrets: { ${name}: { KEY: nameOfASecretKey } } of the app${meant}`;
  return [{ found: `the Secret ${name}, which nothing makes`, accepted }];
}

/** Secrets that a pod cannot start without. */
export function listSecretNames(spec: Spec): string[] {
  const variables = containersOf(spec).flatMap((container) => [
    ...listAt(container, "envFrom").map((from) => from.secretRef),
    ...listAt(container, "env").map((from) => mapAt(from, "valueFrom").secretKeyRef),
  ]);
  const volumes = listAt(spec, "volumes");
  const projected = volumes.flatMap((volume) => listAt(volume.projected, "sources"));
  const mounted = [
    ...volumes.map(({ secret }) =>
      isRecord(secret) ? { name: secret.secretName, optional: secret.optional } : undefined,
    ),
    ...projected.map(({ secret }) => secret),
  ];
  const named = [...variables, ...mounted, ...listAt(spec, "imagePullSecrets")].filter(isRecord);
  const needed = named.filter(({ optional }) => optional !== true);
  return [...new Set(needed.flatMap((ref) => textAt(ref, "name") ?? []))];
}
