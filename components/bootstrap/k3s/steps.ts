import * as path from "node:path";
import type { Machine } from "../../node/machine";
import { readScript, type Setting, type Step, type StepFile } from "../../remote/step";
import { digestOf } from "../args";
import type { Architecture } from "../architectures";
import { builds, mirrored, operatorManifests, renderArtefacts, type Artefact } from "../artefacts";
import { fetcher, fixedSetting, guardScript, guardSettings, peersSetting } from "../common-steps";
import { addonSelector, renderCalico, renderOperatorPatch } from "../render-calico";
import { renderAuditPolicy } from "../render-kubelet";
import { renderRegistries } from "../render-mirrors";
import { renewalFiles } from "../renewal";
import { machineReset } from "../reset-step";
import { snapshotSettings } from "../server-etcd";
import { isServer, turnFiles, turnStep } from "../turns";
import { fixed, MARKS } from "./fixed";
import {
  AUDIT_POLICY,
  ETC,
  renderAgent,
  renderRelease,
  renderServer,
  type K3sArgs,
  type Tokens,
} from "./render-config";
import { renderYaml } from "../../shared/yaml";

export const FILES = { kubectl: "/usr/local/bin/kubectl", kubeconfig: `${ETC}/k3s.yaml` };

/** Also where /usr/local/bin/kubectl is somebody else's. */
const KUBECTL = ["/usr/local/bin/k3s", "kubectl"];

const LIBRARY = "/usr/local/lib/vmstation/k3s";
const OWN = "/etc/vmstation/k3s";
const MANIFESTS = `${OWN}/manifests`;
/** Where the program is fetched to; it takes its place only once the machine is drained. */
const FETCHED = "/var/lib/vmstation/artefacts/k3s";
const RELEASES = "https://github.com/k3s-io/k3s/releases/download";

const script = (...names: readonly string[]): string =>
  names.map((name) => readScript(__dirname, name)).join("\n");

function program(name: string): StepFile {
  return {
    path: `${LIBRARY}/${name}`,
    content: script(`files/${name}`),
    mode: "0755",
    validate: "shell",
  };
}

/** For a machine that has left the configuration, and that nothing here reaches any more. */
function uninstaller(): StepFile {
  return {
    path: "/usr/local/bin/k3s-uninstall.sh",
    content: `#!/bin/sh\nset -eu\n${script("files/wipe.sh")}\nk3s_wipe\n`,
    mode: "0755",
    validate: "shell",
  };
}

/** The program itself, for each architecture; the plus sign of the release's name is written %2B there. */
export function k3sArtefacts({ config }: Pick<K3sArgs, "config">): Artefact[] {
  const release = renderRelease(config).replace("+", "%2B");
  const file = (architecture: Architecture) => (architecture === "amd64" ? "k3s" : "k3s-arm64");
  return builds(
    {
      name: "k3s",
      kind: "file",
      destination: FETCHED,
      url: (arch) => mirrored(`${RELEASES}/${release}/${file(arch)}`, config.sources.files),
    },
    config.checksums,
  );
}

function serviceOf(machine: Machine): "k3s" | "k3s-agent" {
  return isServer(machine) ? "k3s" : "k3s-agent";
}

/** What the service reads when it starts. */
function serviceFiles(args: K3sArgs, machine: Machine, tokens: Tokens): StepFile[] {
  const config = (isServer(machine) ? renderServer : renderAgent)(args, machine, tokens);
  const mirrors = args.config.sources.registryMirrors;
  const unit = `${serviceOf(machine)}.service`;
  return [
    { path: `/etc/systemd/system/${unit}`, content: script(`files/${unit}`) },
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
    ...(isServer(machine) && args.config.audit
      ? [{ path: AUDIT_POLICY, content: renderYaml(renderAuditPolicy()), mode: "0600" }]
      : []),
  ];
}

/** Where CoreDNS and metrics-server, which K3s deploys by itself, are to run. */
function renderPlacement(args: K3sArgs): object {
  return { spec: { template: { spec: { nodeSelector: addonSelector(args) } } } };
}

/** Calico's operator, and what it is to install: applied on the controller once the API server answers. */
function operatorFiles(args: K3sArgs): StepFile[] {
  return [
    {
      path: `${MANIFESTS}/30-calico.yaml`,
      // K3s's documents ask for it: without it Calico would forbid pods to pass packets on, as ServiceLB's do.
      content: renderYaml(...renderCalico(args, { forwards: true })),
    },
    { path: `${OWN}/placement-patch.yaml`, content: renderYaml(renderPlacement(args)) },
    { path: `${OWN}/operator-patch.yaml`, content: renderYaml(renderOperatorPatch(args)) },
  ];
}

function wantedManifests(args: K3sArgs): string[] {
  return [
    ...operatorManifests(args.config, MANIFESTS).map(({ destination }) => destination),
    `${MANIFESTS}/30-calico.yaml`,
  ].map((file) => path.posix.basename(file));
}

function renewal(args: K3sArgs, machine: Machine): StepFile[] {
  return renewalFiles(args, machine, {
    service: serviceOf(machine),
    data: "/var/lib/rancher/k3s",
    kubeconfig: FILES.kubeconfig,
    kubectl: KUBECTL,
  });
}

/** One machine: its configuration, the program, and the service that starts it. */
export function k3sStep(args: K3sArgs, machine: Machine, tokens: Tokens): Step {
  const { config } = args;
  const isController = machine.name === args.controller.name;
  const list = renderArtefacts([
    ...k3sArtefacts(args),
    ...(isController ? operatorManifests(config, MANIFESTS) : []),
  ]);
  const fetch = fetcher();
  const read = serviceFiles(args, machine, tokens);
  const files: StepFile[] = [
    fetch,
    program("install-k3s.sh"),
    uninstaller(),
    ...turnFiles(),
    { path: `${OWN}/artefacts`, content: list },
    ...read,
    ...(isController ? operatorFiles(args) : []),
    ...renewal(args, machine),
  ];
  const settings: Readonly<Record<string, Setting>> = {
    ...guardSettings(args, MARKS),
    INSTALLER: `${LIBRARY}/install-k3s.sh`,
    FETCHER: fetch.path,
    RELEASE: renderRelease(config),
    SERVICE: serviceOf(machine),
    RENEWS: config.renewCertificates,
    ...snapshotSettings(args, machine),
    MANIFESTS: isController ? wantedManifests(args) : [],
    PORT: config.apiServerPort,
  };
  return {
    name: "bootstrap-k3s",
    script: `${guardScript()}
${script("../files/member.sh", "files/shown.sh", "files/wipe.sh", "files/k3s.sh")}`,
    libraries: ["files", "units", "long"],
    settings: {
      ...settings,
      ...fixedSetting(fixed(args, machine)),
      ...peersSetting(args, machine),
      // It restarts for nothing else.
      INTENT: digestOf([settings.RELEASE, settings.SERVICE, read]),
      DIGEST: digestOf([settings, files]),
    },
    files,
  };
}

/** On the controller: drains an agent before its upgrade, or takes it back after that. */
export function agentTurn(args: K3sArgs, machine: Machine, turn: "leaves" | "is back"): Step {
  return turnStep(
    {
      node: machine.name,
      release: renderRelease(args.config),
      kubeconfig: FILES.kubeconfig,
      kubectl: KUBECTL,
    },
    turn,
  );
}

/** Takes one machine out of the cluster. */
export function resetStep(args: K3sArgs): Step {
  return machineReset(args, script("files/wipe.sh", "files/reset.sh"));
}
