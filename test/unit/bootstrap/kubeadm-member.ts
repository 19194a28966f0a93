import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { renderFixedLines } from "../../../components/bootstrap/fixed-settings";
import { renderInit } from "../../../components/bootstrap/kubeadm/render-config";
import type { Step } from "../../../components/remote/step";
import { Sandbox, type Ran } from "../../support/sandbox";
import { keptBy, argsOf, machineNamed } from "./sites";

const BOOTSTRAP = path.join(__dirname, "../../../components/bootstrap");

/** A script of this room. */
export const readScript = (file: string): string =>
  fs.readFileSync(path.join(BOOTSTRAP, file), "utf8");

/** A control plane by kubeadm: what it shows lies below the sandbox. */
export class ControlPlane {
  readonly box = new Sandbox();
  protected readonly machine: string = "maple";

  constructor(private readonly settings: Readonly<Record<string, unknown>> = {}) {
    const args = argsOf("kubeadm", settings);
    const documents = renderInit(args, machineNamed(args.machines, "maple"));
    const kubelet = documents.find((d) => "kind" in d && d.kind === "KubeletConfiguration");
    const cluster = z
      .object({ apiServer: z.object({ extraArgs: z.array(z.record(z.string(), z.string())) }) })
      .parse(documents.find((d) => "kind" in d && d.kind === "ClusterConfiguration"));
    const flags = cluster.apiServer.extraArgs.map((one) => `    - --${one.name}=${one.value}\n`);
    this.write("etc/kubernetes/kubelet.conf", "");
    this.write("state/bootstrap/kubeadm", "");
    this.write(
      "etc/kubernetes/manifests/kube-apiserver.yaml",
      `    - --secure-port=6443\n    - --service-cluster-ip-range=10.96.0.0/12\n${flags.join("")}`,
    );
    this.write(
      "etc/kubernetes/manifests/kube-controller-manager.yaml",
      "    - --cluster-cidr=10.244.0.0/16\n",
    );
    this.write("var/lib/kubelet/config.yaml", stringify(kubelet));
  }

  write(file: string, content: string): void {
    fs.mkdirSync(path.dirname(this.box.at(file)), { recursive: true });
    fs.writeFileSync(this.box.at(file), content);
  }

  /** The guard of a step with these settings; `after` is what the step does then. */
  run(settings: Readonly<Record<string, unknown>>, after = "remember_fixed"): Ran {
    const args = argsOf("kubeadm", { ...this.settings, ...settings });
    const script = [
      readScript("files/fixed.sh"),
      readScript("kubeadm/files/shown.sh"),
      `step() { if is_member; then refuse_changes; fi; ${after}; }`,
    ]
      .join("\n")
      .replaceAll("/etc/kubernetes", this.box.at("etc/kubernetes"))
      .replaceAll("/var/lib/kubelet", this.box.at("var/lib/kubelet"));
    const step: Step = {
      ...{ name: "guard", script, libraries: ["files"] },
      settings: { FIXED: renderFixedLines(keptBy(args)), EXISTING: args.config.existing },
    };
    return this.box.run(step, "apply", this.machine);
  }
}

/** A worker of the same cluster: it runs no API server. */
export class Worker extends ControlPlane {
  protected override readonly machine = "hazel";

  constructor(settings: Readonly<Record<string, unknown>> = {}) {
    super(settings);
    fs.rmSync(this.box.at("etc/kubernetes/manifests"), { recursive: true });
  }
}
