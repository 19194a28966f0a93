import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../node/machine";
import type { RemoteAccess } from "../remote/machine";
import { filesStep } from "../remote/files-step";
import { readModules } from "../remote/modules";
import { RemoteStep } from "../remote/remote-step";
import { digestStep, readScript, type Step } from "../remote/step";
import type { ValidationConfig } from "./config";
import { renderSettings, type Expectations } from "./render-settings";

export interface ValidationArgs {
  config: ValidationConfig;
  access: RemoteAccess;
  /** The control plane that the checks are installed and run on. */
  controller: Machine;
  expected: Expectations;
  /** Digest of all layers: the checks run again when anything has changed. */
  digest: pulumi.Input<string>;
  /** A cluster: what fails in it is what the checks are there to tell of, so that they wait for nothing else. */
  cluster: pulumi.Resource;
  /** What their run comes after. */
  everything: readonly pulumi.Resource[];
}

const CHECKS = "/usr/local/lib/vmstation/checks";

/** The checks on the control plane, as soon as it is one, and their run, which ends the graph: nothing comes after it. */
export class Validation extends pulumi.ComponentResource {
  /** What the last run found, as one JSON document: status, counts, and each check. */
  readonly report: pulumi.Output<string>;

  constructor(name: string, args: ValidationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmstation:validation:Validation", name, {}, opts);
    const { controller, access, config, cluster, everything } = args;
    const install = renderInstallStep(config, args.expected);
    const checks = new RemoteStep(
      `${name}-checks-${controller.name}`,
      { machine: controller, access, step: install },
      { parent: this, dependsOn: cluster },
    );
    const run = new RemoteStep(
      `${name}-run-${controller.name}`,
      {
        machine: controller,
        access,
        step: pulumi
          .output(args.digest)
          .apply((digest) => renderRunStep(config, `${digest} ${digestStep(install)}`)),
        onDelete: "keep",
      },
      { parent: this, dependsOn: [checks, ...everything] },
    );
    this.report = run.stdout;
    this.registerOutputs({ report: this.report });
  }
}

/** Files: the checks, their entry, and what they expect of this configuration. */
export function renderInstallStep(config: ValidationConfig, expected: Expectations): Step {
  return filesStep("validation-checks", [
    ...readModules(path.join(__dirname, "files/checks"), CHECKS).filter(
      ({ path: file }) =>
        (expected.platformChecks !== undefined || !isOf(file, "platform")) &&
        (expected.appChecks !== undefined || !isOf(file, "apps?")) &&
        (expected.gitops !== undefined || !isOf(file, "gitops")),
    ),
    {
      path: "/usr/local/sbin/vmstation-validate",
      content: readScript(__dirname, "files/vmstation-validate"),
      mode: "0755",
      validate: "shell",
    },
    { path: "/etc/vmstation/validation.json", content: renderSettings(config, expected) },
  ]);
}

/** check_platform.py, and the files of its parts, "platform_names.py"; the apps' likewise. */
function isOf(file: string, group: string): boolean {
  return new RegExp(`^(check_)?${group}(_\\w+)?\\.py$`).test(path.basename(file));
}

/** The run itself; its settings differ whenever anything else of the graph does. */
export function renderRunStep(config: Pick<ValidationConfig, "wait">, digest: string): Step {
  return {
    name: "validation-run",
    script: readScript(__dirname, "files/validate.sh"),
    libraries: [],
    checks: false,
    settings: { WAIT: config.wait, DIGEST: digest },
  };
}
