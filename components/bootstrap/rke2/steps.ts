import type { Machine } from "../../node/machine";
import { readScript, type Step, type StepFile } from "../../remote/step";
import { digestOf } from "../args";
import { fixedSetting, guardScript, guardSettings, peersSetting } from "../common-steps";
import { ARCHITECTURES, type Architecture } from "../architectures";
import { renderAuditPolicy } from "../render-kubelet";
import { renderRegistries } from "../render-mirrors";
import { renewalFiles } from "../renewal";
import { machineReset } from "../reset-step";
import { snapshotSettings } from "../server-etcd";
import { isServer, turnFiles, turnStep } from "../turns";
import { fixed, MARKS } from "./fixed";
import {
  AUDIT_POLICY,
  renderAgent,
  renderChartConfigs,
  renderRelease,
  renderServer,
  type Rke2Args,
} from "./render-config";
import { renderYaml } from "../../shared/yaml";

export const FILES = {
  kubectl: "/var/lib/rancher/rke2/bin/kubectl",
  kubeconfig: "/etc/rancher/rke2/rke2.yaml",
};

const LIBRARY = "/usr/local/lib/vmstation/rke2";
const ETC = "/etc/rancher/rke2";
const MANIFESTS = "/var/lib/rancher/rke2/server/manifests";
const RELEASES = "https://github.com/rancher/rke2/releases/download";

/** Where the release is fetched from; the plus sign of its name is written %2B there. */
export function renderOrigin(args: Pick<Rke2Args, "config">): string {
  const mirror = args.config.sources.files;
  const origin = mirror === undefined ? RELEASES : RELEASES.replace(/^https:\/\//, `${mirror}/`);
  return `${origin}/${renderRelease(args.config).replace("+", "%2B")}`;
}

/** What the configuration says of the archives, by architecture. */
export function artefactChecksums(
  config: Rke2Args["config"],
): Readonly<Record<Architecture, string | undefined>> {
  return { amd64: config.artefactChecksum, arm64: config.artefactChecksumArm64 };
}

/** As install-rke2.sh takes them. */
function checksumLines(config: Rke2Args["config"]): readonly string[] {
  const checksums = artefactChecksums(config);
  return ARCHITECTURES.map((name) => `${name}=${checksums[name] ?? "listed"}`);
}

function script(): string {
  const own = ["../files/member.sh", "files/rke2.sh"].map((file) => readScript(__dirname, file));
  return [guardScript(), ...own].join("\n");
}

function serverFiles(args: Rke2Args, isController: boolean): StepFile[] {
  return [
    ...(args.config.audit
      ? [{ path: AUDIT_POLICY, content: renderYaml(renderAuditPolicy()), mode: "0600" }]
      : []),
    // RKE2 applies what lies in its folder of manifests on any server; one is enough.
    ...(isController
      ? [
          {
            path: `${MANIFESTS}/vmstation-charts.yaml`,
            content: renderYaml(...renderChartConfigs(args)),
            mode: "0600",
          },
        ]
      : []),
  ];
}

function serviceOf(machine: Machine): "rke2-server" | "rke2-agent" {
  return isServer(machine) ? "rke2-server" : "rke2-agent";
}

/** What the service reads when it starts; `token` is the cluster's shared secret. */
function serviceFiles(
  args: Rke2Args,
  controller: Machine,
  machine: Machine,
  token: string,
): StepFile[] {
  const server = isServer(machine);
  const config = (server ? renderServer : renderAgent)(args, controller, machine, token);
  const mirrors = args.config.sources.registryMirrors;
  return [
    { path: `${ETC}/config.yaml`, content: renderYaml(config), mode: "0600", secret: true },
    ...(Object.keys(mirrors).length === 0
      ? []
      : [
          {
            path: `${ETC}/registries.yaml`,
            content: renderYaml(renderRegistries(mirrors)),
            mode: "0600",
          },
        ]),
    ...(server ? serverFiles(args, machine.name === controller.name) : []),
  ];
}

function renewal(args: Rke2Args, machine: Machine): StepFile[] {
  return renewalFiles(args, machine, {
    service: serviceOf(machine),
    data: "/var/lib/rancher/rke2",
    kubeconfig: FILES.kubeconfig,
    kubectl: [FILES.kubectl],
  });
}

/** One machine; `token` is the cluster's shared secret. */
export function rke2Step(
  args: Rke2Args,
  controller: Machine,
  machine: Machine,
  token: string,
): Step {
  const { config } = args;
  const read = serviceFiles(args, controller, machine, token);
  const files: StepFile[] = [
    {
      path: `${LIBRARY}/install-rke2.sh`,
      content: readScript(__dirname, "files/install-rke2.sh"),
      mode: "0755",
      validate: "shell",
    },
    ...turnFiles(),
    ...read,
    ...renewal(args, machine),
  ];
  const settings = {
    ...guardSettings(args, MARKS),
    INSTALLER: `${LIBRARY}/install-rke2.sh`,
    RELEASE: renderRelease(config),
    ORIGIN: renderOrigin(args),
    CHECKSUMS: checksumLines(config),
    SERVICE: serviceOf(machine),
    RENEWS: config.renewCertificates,
    ...snapshotSettings(args, machine),
  };
  return {
    name: "bootstrap-rke2",
    script: script(),
    libraries: ["files", "units", "long"],
    settings: {
      ...settings,
      ...fixedSetting(fixed(args, machine)),
      ...peersSetting(args, machine),
      // What the service reads: it restarts for nothing else.
      INTENT: digestOf([settings.RELEASE, settings.SERVICE, read]),
      DIGEST: digestOf([settings, files]),
    },
    files,
  };
}

/** On the controller: drains an agent before its upgrade, or takes it back after that. */
export function agentTurn(args: Rke2Args, machine: Machine, turn: "leaves" | "is back"): Step {
  const { kubeconfig, kubectl } = FILES;
  const release = renderRelease(args.config);
  return turnStep({ node: machine.name, release, kubeconfig, kubectl: [kubectl] }, turn);
}

/** Takes one machine out of the cluster. */
export function resetStep(args: Rke2Args): Step {
  return machineReset(args, readScript(__dirname, "files/reset.sh"));
}
