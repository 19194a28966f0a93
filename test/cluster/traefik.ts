import { parse } from "yaml";
import { z } from "zod";
import { renderRelease } from "../../components/platform/ingress/render-values";
import { CLASS, NAMESPACE } from "../../components/platform/ingress/names";
import { ingressSchema } from "../../components/platform/ingress/config";
import { kubeObject, type KubeObject } from "./kube-object";

const port = z.object({
  port: z.number(),
  asDefault: z.boolean().optional(),
  forwardedHeaders: z.object({ trustedIPs: z.array(z.string()) }).optional(),
  http: z
    .object({
      redirections: z.object({
        entryPoint: z.object({ scheme: z.string(), permanent: z.boolean() }),
      }),
    })
    .optional(),
});
export const valuesSchema = z.object({
  providers: z.object({
    kubernetesIngress: z.object({ ingressClass: z.string(), allowEmptyServices: z.boolean() }),
  }),
  ports: z.object({ web: port, websecure: port, tunnel: port, metrics: port }),
  service: z.object({ annotations: z.record(z.string(), z.string()), spec: z.looseObject({}) }),
});

type IngressValues = z.output<typeof valuesSchema>;

/** What listens: one for each port of the values, and the chart's own, at which the kubelet asks. */
export type EntryPoint = keyof IngressValues["ports"] | "traefik";

/** Our values. */
export function valuesFor(podCidr: string, address: string): IngressValues {
  const config = ingressSchema.parse({ address });
  const site = { machines: ["maple"], replicas: 1, podCidr, charts: {} };
  return valuesSchema.parse(renderRelease(config, site).values);
}

/** Our values, and where Traefik listens here: the Service's ports on the LAN are its own, and its other ones its pod's. */
export function onLan(
  lan: string,
  pod: string,
  podCidr: string,
): [IngressValues, (name: EntryPoint) => string] {
  const values = valuesFor(podCidr, lan);
  return [
    values,
    (name) => {
      if (name === "web") return `${lan}:80`;
      if (name === "websecure") return `${lan}:443`;
      return `${pod}:${name === "traefik" ? 8080 : values.ports[name].port}`;
    },
  ];
}

/** What the chart 41.3.0 makes of our values: each argument as `helm template` shows it, but for the addresses. */
export function renderArgs(
  { ports, providers }: IngressValues,
  addressOf: (name: EntryPoint) => string,
): string[] {
  const { web, tunnel } = ports;
  const redirect = web.http?.redirections.entryPoint;
  const ingress = "--providers.kubernetesingress";
  const defaults = (["websecure", "tunnel", "web", "metrics"] as const).filter(
    (name) => ports[name].asDefault === true,
  );
  return [
    "--global.checkNewVersion=false",
    ...(["metrics", "traefik", "tunnel", "web", "websecure"] as const).map(
      (name) => `--entryPoints.${name}.address=${addressOf(name)}/tcp`,
    ),
    ...defaults.map((name) => `--entryPoints.${name}.asDefault=true`),
    "--api.dashboard=false",
    "--ping=true",
    "--metrics.prometheus=true",
    "--metrics.prometheus.entrypoint=metrics",
    ingress,
    `${ingress}.allowEmptyServices=${providers.kubernetesIngress.allowEmptyServices}`,
    `${ingress}.ingressendpoint.publishedservice=${NAMESPACE}/traefik`,
    `${ingress}.ingressClass=${providers.kubernetesIngress.ingressClass}`,
    `--entryPoints.tunnel.forwardedHeaders.trustedIPs=${tunnel.forwardedHeaders?.trustedIPs.join(",") ?? ""}`,
    "--entryPoints.web.http.redirections.entryPoint.to=:443",
    `--entryPoints.web.http.redirections.entryPoint.scheme=${redirect?.scheme ?? ""}`,
    `--entryPoints.web.http.redirections.entryPoint.permanent=${String(redirect?.permanent)}`,
    "--entryPoints.websecure.http.tls=true",
    "--log.level=INFO",
  ];
}

/** The chart's own objects that its program reads. */
export function renderChartObjects(address: string, podCidr: string): KubeObject[] {
  const { service } = valuesFor(podCidr, address);
  const text = `
- apiVersion: networking.k8s.io/v1
  kind: IngressClass
  metadata: { name: ${CLASS} }
  spec: { controller: traefik.io/ingress-controller }
- apiVersion: v1
  kind: Service
  metadata: { name: traefik, namespace: ${NAMESPACE} }
`;
  const [ingressClass, plain] = z.array(kubeObject).parse(parse(text));
  const ports = [
    { name: "web", port: 80, targetPort: "web", protocol: "TCP" },
    { name: "websecure", port: 443, targetPort: "websecure", protocol: "TCP" },
  ];
  return z.array(kubeObject).parse([
    ingressClass,
    {
      ...plain,
      metadata: { ...plain?.metadata, annotations: service.annotations },
      spec: { ...service.spec, ports },
    },
  ]);
}

/** A Service of the cluster, and a pod behind it. */
export function renderBackend(
  name: string,
  namespace: string,
  [port, podPort]: readonly [number, number],
  pod: string,
): KubeObject[] {
  const metadata = { name, namespace };
  return z.array(kubeObject).parse([
    {
      ...{ apiVersion: "v1", kind: "Service", metadata },
      spec: { ports: [{ name: "http", port, targetPort: podPort, protocol: "TCP" }] },
    },
    {
      ...{ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", addressType: "IPv4" },
      metadata: { ...metadata, labels: { "kubernetes.io/service-name": name } },
      endpoints: [{ addresses: [pod], conditions: { ready: true } }],
      ports: [{ name: "http", port: podPort, protocol: "TCP" }],
    },
  ]);
}

/** Grafana's, as its chart makes it. */
export function renderGrafana(pod: string): KubeObject[] {
  return renderBackend("kube-prometheus-stack-grafana", "monitoring", [80, 3000], pod);
}
