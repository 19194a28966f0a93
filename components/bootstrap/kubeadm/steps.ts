import * as path from "node:path";
import type { Machine } from "../../node/machine";
import { readScript, type Setting, type Step, type StepFile } from "../../remote/step";
import { digestOf } from "../args";
import { renderArtefacts } from "../artefacts";
import { fetcher, fixedSetting, guardScript, guardSettings, peersSetting } from "../common-steps";
import { joinHost } from "../endpoint/address";
import { renderCalico, renderOperatorPatch } from "../render-calico";
import { renderHostsToml } from "../render-mirrors";
import { renderAuditPolicy } from "../render-kubelet";
import { renderCoreDnsPatch, renderMetricsServer } from "./render-addons";
import { machineArtefacts, operatorArtefacts } from "./render-artefacts";
import { machineReset } from "../reset-step";
import { program as sharedProgram } from "../turns";
import { fixed, MARKS } from "./fixed";
import { renderUpgradeAccount, renderUpgradeKubeconfig } from "./render-upgrade";
import {
  ENCRYPTION,
  renderInit,
  renderJoin,
  type JoinSecrets,
  type KubeadmArgs,
} from "./render-config";
import { renderYaml } from "../../shared/yaml";

const ETC = "/etc/vmstation/kubeadm";
const LIBRARY = "/usr/local/lib/vmstation/kubeadm";
/** Seconds; kubeadm gives the uploaded certificates two hours as well. */
const TOKEN_LIFETIME = 7200;

const script = (name: string): string => readScript(__dirname, `files/${name}`);
const guard = (): string => `${guardScript()}\n${script("shown.sh")}`;
/** What also comes before the script of a machine that may be a control plane. */
const memberGuard = (): string =>
  [guard(), script("keep-key.sh"), script("follow-endpoint.sh")].join("\n");

function program(name: string): StepFile {
  return { path: `${LIBRARY}/${name}`, content: script(name), mode: "0755", validate: "shell" };
}

function upgradePrograms(): StepFile[] {
  return [program("upgrade-machine.sh"), program("place-kubelet.sh")];
}

/** The key of Secrets at rest, on each control plane; undefined where they are not encrypted. */
export type EncryptionKey = string | undefined;

function hardeningFiles(args: KubeadmArgs, key: EncryptionKey): StepFile[] {
  const files: StepFile[] = [];
  if (args.config.audit) {
    files.push({
      path: `${ETC}/audit-policy.yaml`,
      content: renderYaml(renderAuditPolicy()),
      mode: "0600",
    });
  }
  if (key !== undefined) {
    const providers = [{ secretbox: { keys: [{ name: "key1", secret: key }] } }, { identity: {} }];
    files.push({
      path: ENCRYPTION,
      content: renderYaml({
        apiVersion: "apiserver.config.k8s.io/v1",
        kind: "EncryptionConfiguration",
        resources: [{ resources: ["secrets"], providers }],
      }),
      mode: "0600",
      secret: true,
    });
  }
  return files;
}

/** The timer that renews a control plane's certificates. */
function renewalFiles({ config }: KubeadmArgs): StepFile[] {
  const unit = "vmstation-renew-certificates";
  return [
    program("renew-certificates.sh"),
    { path: `${ETC}/api-port`, content: `API_PORT=${config.apiServerPort}\n` },
    ...["service", "timer"].map((kind) => ({
      path: `/etc/systemd/system/${unit}.${kind}`,
      content: script(`${unit}.${kind}`),
    })),
  ];
}

const CONTAINERD = [
  "/etc/containerd/config.toml",
  "/etc/containerd/conf.d/vmstation.toml",
] as const;

/** containerd's settings, which it reads when it starts: the program's, and the user's, which win. */
function containerdFiles({ config }: KubeadmArgs): StepFile[] {
  const [own, further] = CONTAINERD;
  return [
    { path: own, content: script("containerd.toml") },
    { path: further, content: `${(config.containerd ?? "version = 3").trimEnd()}\n` },
  ];
}

/** Programs and units of one machine; on the controller, Calico's operator as well. */
export function installStep(args: KubeadmArgs, machine: Machine, isController: boolean): Step {
  const isControlPlane = machine.roles.includes("control-plane");
  const renews = args.config.renewCertificates && isControlPlane;
  const list = renderArtefacts([
    ...machineArtefacts(args.config),
    ...(isController ? operatorArtefacts(args.config) : []),
  ]);
  const fetch = fetcher();
  return {
    name: "bootstrap-install",
    script: `${guard()}\n${script("install.sh")}`,
    libraries: ["files", "units", "long"],
    settings: {
      ...fixedSetting(fixed(args, machine)),
      EXISTING: args.config.existing,
      HELM: args.config.addons.helm && isControlPlane,
      FETCHER: fetch.path,
      LIST: `${ETC}/artefacts`,
      DIGEST: digestOf(list),
      RENEWS: renews,
      CONTAINERD,
    },
    files: [
      fetch,
      { path: `${ETC}/artefacts`, content: list },
      ...containerdFiles(args),
      { path: "/etc/systemd/system/containerd.service", content: script("containerd.service") },
      { path: "/etc/systemd/system/kubelet.service", content: script("kubelet.service") },
      ...renderHostsToml(args.config.sources.registryMirrors),
      ...(renews ? renewalFiles(args) : []),
    ],
  };
}

/** What a running cluster keeps is compared before a run, and what follows it is done after one: no reason for either. */
function withDigest(step: Step, args: KubeadmArgs, machine: Machine): Step {
  const settings: Readonly<Record<string, Setting>> = {
    ...step.settings,
    ...fixedSetting(fixed(args, machine)),
    ...peersSetting(args, machine),
    HOST: joinHost(args),
    VIRTUAL: args.config.endpoint !== undefined,
    DIGEST: digestOf([step.settings, step.files]),
  };
  return { ...step, settings };
}

/** The first control plane, Calico and the add-ons. */
export function initStep(args: KubeadmArgs, controller: Machine, key: EncryptionKey): Step {
  const { config } = args;
  const manifests: StepFile[] = [
    { path: `${ETC}/manifests/05-upgrade.yaml`, content: renderYaml(...renderUpgradeAccount()) },
    { path: `${ETC}/manifests/30-calico.yaml`, content: renderYaml(...renderCalico(args)) },
    ...(config.addons.metricsServer
      ? [
          {
            path: `${ETC}/manifests/40-metrics-server.yaml`,
            content: renderYaml(...renderMetricsServer(args)),
          },
        ]
      : []),
  ];
  const step: Step = {
    name: "bootstrap-init",
    script: `${memberGuard()}\n${script("init.sh")}`,
    libraries: ["files", "long"],
    settings: {
      ...guardSettings(args, MARKS),
      INSTALLER: `${LIBRARY}/kubeadm-init.sh`,
      VERSION: config.kubernetesVersion,
      SNAPSHOTS: config.etcdSnapshot.enabled ? config.etcdSnapshot.directory : "none",
      KEEP: config.etcdSnapshot.keep,
      IGNORED: config.ignorePreflightErrors,
      MANIFESTS: [
        ...operatorArtefacts(config).map(({ destination }) => destination),
        ...manifests.map((file) => file.path),
      ].map((file) => path.posix.basename(file)),
    },
    files: [
      program("kubeadm-init.sh"),
      sharedProgram("one-step-forward.sh"),
      ...upgradePrograms(),
      {
        path: `${ETC}/init.yaml`,
        content: renderYaml(...renderInit(args, controller)),
        mode: "0600",
      },
      { path: `${ETC}/coredns-patch.yaml`, content: renderYaml(renderCoreDnsPatch(args)) },
      { path: `${ETC}/operator-patch.yaml`, content: renderYaml(renderOperatorPatch(args)) },
      ...manifests,
      ...hardeningFiles(args, key),
    ],
  };
  return withDigest(step, args, controller);
}

/** Tokens for the machines named in it: another set of machines, or another version, makes new ones. */
export function tokenStep(args: KubeadmArgs, joining: readonly Machine[]): Step {
  return {
    name: "bootstrap-token",
    script: script("token.sh"),
    libraries: [],
    checks: false,
    settings: {
      TTL: TOKEN_LIFETIME,
      CONTROL_PLANES: args.machines.filter((m) => m.roles.includes("control-plane")).length,
      // A machine with another host key may be a new one.
      JOINING: joining.map(({ name, hostKey = "" }) => `${name} ${hostKey}`.trim()),
      VERSION: args.config.kubernetesVersion,
    },
  };
}

/** What a machine drains itself by. */
function upgradeFiles(
  args: KubeadmArgs,
  controller: Machine,
  { upgradeToken }: JoinSecrets,
): StepFile[] {
  if (upgradeToken === undefined) return [];
  const content = renderYaml(renderUpgradeKubeconfig(args, controller, upgradeToken));
  return [{ path: `${ETC}/upgrade.kubeconfig`, content, mode: "0600", secret: true }];
}

export function joinStep(
  args: KubeadmArgs,
  controller: Machine,
  machine: Machine,
  secrets: JoinSecrets,
  key: EncryptionKey,
): Step {
  const step: Step = {
    name: "bootstrap-join",
    script: `${memberGuard()}\n${script("join.sh")}`,
    libraries: ["files", "long"],
    settings: {
      ...guardSettings(args, MARKS),
      INSTALLER: `${LIBRARY}/kubeadm-join.sh`,
      VERSION: args.config.kubernetesVersion,
      IGNORED: args.config.ignorePreflightErrors,
    },
    files: [
      program("kubeadm-join.sh"),
      ...upgradePrograms(),
      {
        path: `${ETC}/join.yaml`,
        content: renderYaml(renderJoin(args, controller, machine, secrets)),
        mode: "0600",
        secret: true,
      },
      ...upgradeFiles(args, controller, secrets),
      ...(machine.roles.includes("control-plane") ? hardeningFiles(args, key) : []),
    ],
  };
  const { settings, ...whole } = withDigest(step, args, machine);
  return { ...whole, settings: { ...settings, EXPIRES: secrets.expires ?? 0 } };
}

/** Takes one machine out of the cluster. */
export function resetStep(args: KubeadmArgs): Step {
  return machineReset(args, script("reset.sh"));
}
