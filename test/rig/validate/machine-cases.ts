import { kubeObject } from "../../cluster/kube-object";
import { type FaultCase, makeReady, makeUnready } from "./fault-case";
import type { ValidationLab } from "./lab";
import { CLAIM, DENY, NAMESPACE, VOLUME } from "./objects";

const CERTIFICATE = "/etc/kubernetes/ssl/apiserver.crt";
const CLAIMS = `/api/v1/namespaces/${NAMESPACE}/persistentvolumeclaims`;

/** A unit of part@.service that is not there for a while. */
const down = (
  where: (lab: ValidationLab) => ValidationLab["control"],
  part: string,
): Pick<FaultCase, "break" | "mend"> => ({
  break: (lab) => where(lab).exec(`systemctl stop part@${part}`),
  mend: (lab) => where(lab).exec(`systemctl start part@${part}`),
});
const control = (lab: ValidationLab): ValidationLab["control"] => lab.control;
const hazel = (lab: ValidationLab): ValidationLab["control"] => lab.hazel;

const ends = (what: string, days: number, found: RegExp): FaultCase => ({
  ...{ what, group: "certificates", fails: { validity: found } },
  break: (lab) => lab.writeCertificate(CERTIFICATE, days),
  mend: (lab) => lab.writeCertificate(CERTIFICATE, 365),
});

const targets = (what: string, health: "down" | "none", found: RegExp): FaultCase => ({
  ...{ what, group: "monitoring", fails: { targets: found } },
  break: (lab) => lab.writeTargets(health),
  mend: (lab) => lab.writeTargets("up"),
});

/** Deletes a claim and waits until it is gone. */
const deleteClaim = ({ cluster }: ValidationLab): Promise<unknown> =>
  cluster.kubectl(["-n", NAMESPACE, "delete", "pvc", "loki"]);

async function restoreVolume({ cluster }: ValidationLab): Promise<void> {
  await cluster.kubectl(["delete", "pv", "loki"]);
  for (const object of [VOLUME, CLAIM]) await cluster.api.apply(kubeObject.parse(object));
}

const STORAGE: readonly FaultCase[] = [
  {
    ...{ what: "a volume whose claim was deleted", group: "storage" },
    fails: { volumes: /^loki is Released$/ },
    break: deleteClaim,
    mend: restoreVolume,
  },
  {
    ...{ what: "a claim that no volume is for", group: "storage" },
    fails: { claims: /^monitoring\/big is Pending$/ },
    break: ({ cluster }) =>
      cluster.api.call("POST", CLAIMS, {
        ...CLAIM,
        metadata: { ...CLAIM.metadata, name: "big" },
      }),
    mend: ({ cluster }) => cluster.api.call("DELETE", `${CLAIMS}/big`),
  },
  {
    ...{ what: "a machine's disk is full", group: "storage" },
    fails: {
      disks: /^hazel: (9\d|100)% used$/,
      "file systems": /^hazel: \/ is (9\d|100)% used$/,
    },
    break: (lab) => lab.hazel.disk.fill(64),
    mend: (lab) => lab.hazel.disk.empty(),
  },
  {
    ...{ what: "a file system that no kubelet knows of is full", group: "storage" },
    fails: { "file systems": /^hazel: \/srv\/media is 100% used$/ },
    break: (lab) =>
      lab.hazel.exec(
        "mkdir -p /srv/media && mount -t tmpfs -o size=1M media /srv/media && " +
          "head -c 1M /dev/zero >/srv/media/film",
      ),
    mend: (lab) => lab.hazel.exec("umount /srv/media"),
  },
  {
    ...{ what: "a kubelet does not answer", group: "storage" },
    fails: { disks: /^hazel: kubectl: Error .*10\.213\.0\.62:10250/ },
    ...down(hazel, "kubelet"),
  },
];

const NETWORK: readonly FaultCase[] = [
  {
    ...{ what: "the cluster's DNS is down", group: "network" },
    fails: {
      "internal DNS": /^kubernetes\.default\.svc\.cluster\.local: .*refused/,
      "external DNS": /^debian\.org: .*refused/,
    },
    ...down(control, "dns"),
  },
  {
    ...{ what: "the cluster's DNS knows nothing outside", group: "network" },
    fails: { "external DNS": /^debian\.org: no such name$/ },
    break: (lab) => lab.writeZone("kubernetes.default.svc.cluster.local 10.96.0.1\n"),
    mend: (lab) => lab.writeZone(),
  },
  {
    ...{ what: "the router is silent", group: "network" },
    fails: { gateway: /^10\.213\.0\.2 does not answer$/ },
    break: (lab) => lab.setGateway("del"),
    mend: (lab) => lab.setGateway("add"),
  },
  {
    ...{ what: "the pod network does not reach a machine", group: "network" },
    fails: { "pod network": /^no pod on hazel in reach \(ping: .*100% packet loss/s },
    break: (lab) => lab.setTunnel(lab.hazel, "del"),
    mend: (lab) => lab.setTunnel(lab.hazel, "add"),
  },
  {
    ...{ what: "a namespace lets everything in", group: "network" },
    fails: { policies: /^monitoring has no default deny$/ },
    break: ({ cluster }) => cluster.kubectl(["-n", NAMESPACE, "delete", "networkpolicy", "deny"]),
    mend: ({ cluster }) => cluster.api.apply(kubeObject.parse(DENY)),
  },
];

const TIME: readonly FaultCase[] = [
  {
    ...{ what: "the control plane's clock is 2 s off", group: "time" },
    fails: { "control plane": /^its clock is -[12]\.\d{3} s off$/ },
    break: (lab) => lab.keepTime(2000),
    mend: (lab) => lab.keepTime(0),
  },
  {
    ...{ what: "a machine's clock is 2 s off", group: "time" },
    fails: { clocks: /^hazel is -[12]\.\d{3} s off$/ },
    break: (lab) => lab.hazel.exec("echo -2 >/run/part/ahead"),
    mend: (lab) => lab.hazel.exec("rm /run/part/ahead"),
  },
  {
    ...{ what: "no chronyd answers on the control plane", group: "time" },
    unseen: { "control plane": /^ownClock: chronyc: 506 Cannot talk to daemon$/ },
    break: (lab) => lab.control.exec("systemctl stop chrony"),
    mend: (lab) => lab.keepTime(0),
  },
];

/** Faults of what the cluster stands on and offers. */
export const MACHINE_CASES: readonly FaultCase[] = [
  ...STORAGE,
  ...NETWORK,
  ...TIME,
  {
    ...{ what: "a pod of monitoring is not Ready", group: "monitoring" },
    fails: { pods: /^loki-\S+$/ },
    break: (lab) => makeUnready(lab, NAMESPACE, "app=loki"),
    mend: (lab) => makeReady(lab, NAMESPACE, "app=loki"),
  },
  {
    ...{ what: "Grafana is down", group: "monitoring" },
    fails: { Grafana: /^http:\/\/10\.213\.0\.63:30300\/api\/health: .*refused/ },
    ...down(control, "grafana"),
  },
  targets("a target of two is down", "down", /^node-exporter 10\.213\.0\.62:9100$/),
  targets("Prometheus has no target", "none", /^Prometheus has no targets$/),
  {
    ...{ what: "alerts do not arrive", group: "monitoring" },
    fails: { notifications: /^email: 3 given up in the last hour$/ },
    break: (lab) =>
      control(lab).exec(
        `echo '[{"metric":{"integration":"email"},"value":[0,"3"]}]' >/run/part/lost`,
      ),
    mend: (lab) => control(lab).exec("rm /run/part/lost"),
  },
  {
    ...{ what: "Prometheus is down", group: "monitoring" },
    unseen: { targets: /^targets: .*refused/, notifications: /^notifications: .*refused/ },
    ...down(control, "prometheus"),
  },
  {
    ...{ what: "nothing is behind a Service", group: "services" },
    fails: { endpoints: /^monitoring\/loki$/ },
    break: (lab) => makeUnready(lab, NAMESPACE, "app=loki"),
    mend: (lab) => makeReady(lab, NAMESPACE, "app=loki"),
  },
  ends("a certificate ends soon", 20, /^\/etc\/kubernetes\/ssl\/apiserver\.crt ends in 19 days$/),
  ends("a certificate has ended", -2, /^\/etc\/kubernetes\/ssl\/apiserver\.crt ended 2 days ago$/),
  {
    ...{ what: "there is no certificate", group: "certificates" },
    fails: { validity: /^no certificate of the cluster$/ },
    break: (lab) => lab.control.exec(`rm ${CERTIFICATE}`),
    mend: (lab) => lab.writeCertificate(CERTIFICATE, 365),
  },
  {
    ...{ what: "a certificate cannot be read", group: "certificates" },
    fails: { validity: / cannot be read: openssl: / },
    break: (lab) => lab.control.exec(`echo rubbish >${CERTIFICATE}`),
    mend: (lab) => lab.writeCertificate(CERTIFICATE, 365),
  },
];
