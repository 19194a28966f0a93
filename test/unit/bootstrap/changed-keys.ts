import assert from "node:assert/strict";
import { z } from "zod";
import { renderNodeLines, renderVerifySpec } from "../../../components/bootstrap/common-steps";
import type { KeyChange } from "../../../components/bootstrap/key-changes";
import { methodOf } from "../../../components/bootstrap/methods";
import { k3sStep } from "../../../components/bootstrap/k3s/steps";
import { initStep, installStep, joinStep } from "../../../components/bootstrap/kubeadm/steps";
import { renderWanted } from "../../../components/bootstrap/kubespray/render-wanted";
import { controllerStep } from "../../../components/bootstrap/kubespray/steps";
import { rke2Step } from "../../../components/bootstrap/rke2/steps";
import { endpointStep } from "../../../components/bootstrap/endpoint/step";
import type { Step } from "../../../components/remote/step";
import type { Change } from "../../support/homelab";
import { withNeeded } from "../../support/methods";
import { SAMPLES } from "./key-samples";
import {
  argsOf,
  clusterArgs,
  keptBy,
  machineNamed,
  THREE_CONTROL_PLANES,
  type Method,
} from "./sites";

const TOKENS = { server: "s3rver", agent: "ag3nt" };
const SECRETS = { token: "t", caHash: "sha256:00", certificateKey: "k" };

export function rowsOf(method: Method, kind?: KeyChange["kind"]): (readonly [string, KeyChange])[] {
  return Object.entries(methodOf({ method }).keyChanges).filter(
    ([, change]) => kind === undefined || change.kind === kind,
  );
}

function nested(keys: readonly string[], value: unknown): Record<string, unknown> {
  const [first = "", ...rest] = keys;
  return { [first]: rest.length === 0 ? value : nested(rest, value) };
}

/** A key set to its first or its second sample; what goes with it beside. */
export function settings(method: Method, key: string, which: 0 | 1): Record<string, unknown> {
  const sample = SAMPLES[key]?.[which];
  // Both have releases of their own of a Kubernetes version.
  const value =
    method === "k3s" && sample === SAMPLES["bootstrap.release"]?.[which]
      ? `k3s${which + 1}`
      : sample;
  const [, ...below] = key.split(".");
  const names = method === "k3s" ? ["k3s"] : ["kubeadm", "kubelet", "kubectl"];
  const digests = Object.fromEntries(names.map((name) => [name, "a".repeat(64)]));
  if (key.startsWith("bootstrap.checksums.")) {
    return { method, checksums: { ...digests, ...nested(below.slice(1), value) } };
  }
  if (key.startsWith("bootstrap.endpoint.")) {
    const endpoint = { address: "192.168.4.9", ...nested(below.slice(1), value) };
    return { ...withNeeded(method), endpoint };
  }
  const other = key === "bootstrap.kubernetesVersion" && method === "kubeadm";
  return { ...withNeeded(method, other ? { checksums: digests } : {}), ...nested(below, value) };
}

export function argsWith(method: Method, key: string, which: 0 | 1) {
  if (!key.startsWith("network.")) {
    return clusterArgs(settings(method, key, which), ...THREE_CONTROL_PLANES);
  }
  const change: Change = [key.split("."), SAMPLES[key]?.[which]];
  return clusterArgs(withNeeded(method), ...THREE_CONTROL_PLANES, change);
}

/** What the method makes of it, and what comes before, by part. */
function partsOf(method: Method, key: string, which: 0 | 1): Record<string, unknown> {
  const args = argsWith(method, key, which);
  const { endpoint } = args.config;
  const api = methodOf(args.config).endpoint;
  const before =
    endpoint && api ? endpointStep(args, endpoint, api, machineNamed(args.machines, "maple")) : {};
  return { ...ownParts(method, key, which), endpoint: before };
}

/** The method's own, without the comparison of what a running cluster keeps. */
function ownParts(method: Method, key: string, which: 0 | 1): Record<string, unknown> {
  const args = argsWith(method, key, which);
  const { config } = args;
  const worker = machineNamed(args.machines, "hazel");
  const controller = machineNamed(args.machines, "maple");
  const bare = (step: Step) => ({ ...step, settings: { ...step.settings, FIXED: "" } });
  const { pod } = z.object({ pod: z.unknown() }).parse(renderVerifySpec(args));
  switch (config.method) {
    case "kubespray": {
      const { fixed, ...wanted } = renderWanted({ ...args, config });
      return {
        ...wanted,
        controller: controllerStep({ ...args, config }),
        keeps: fixed.length,
        pod,
      };
    }
    case "kubeadm": {
      const its = { ...args, config };
      return {
        install: bare(installStep(its, controller, true)),
        init: bare(initStep(its, controller, undefined)),
        join: bare(joinStep(its, controller, worker, SECRETS, undefined)),
        nodes: [renderNodeLines(args), config.allowRemoval],
        pod,
      };
    }
    case "k3s": {
      const its = { ...args, config };
      return {
        server: bare(k3sStep(its, controller, TOKENS)),
        agent: bare(k3sStep(its, worker, TOKENS)),
        nodes: [renderNodeLines(args), config.allowRemoval],
        pod,
      };
    }
    case "rke2":
      return {
        server: bare(rke2Step({ ...args, config }, controller, controller, "t")),
        agent: bare(rke2Step({ ...args, config }, controller, worker, "t")),
        nodes: [renderNodeLines(args), config.allowRemoval],
        pod,
      };
  }
}

export function changedParts(method: Method, key: string): string[] {
  const [before, after] = [partsOf(method, key, 0), partsOf(method, key, 1)];
  return Object.keys(before).filter(
    (part) => JSON.stringify(before[part]) !== JSON.stringify(after[part]),
  );
}

export function settingOf(method: Method, key: string, which: 0 | 1) {
  const found = keptBy(argsWith(method, key, which)).find((one) => one.key === key);
  assert.ok(found, key);
  return found;
}

/** A step with the guard of the method's own, where each of the keys has its second value. */
export function refusing(method: "kubeadm" | "rke2" | "k3s", keys: readonly string[]): Step {
  const real = firstStep(method);
  const lines = keys
    .map((key) => settingOf(method, key, 1))
    .map(({ key, value, when, byHand, instead }) =>
      [key, value, when, byHand ? "by hand" : "never", instead].join("\t"),
    );
  const script = real.script
    .replace("is_member() {", "is_member() {\n  return 0")
    .replaceAll("/var/lib/rancher", "/nowhere/rancher")
    .replace("ensure_files", "echo TOUCHED >&2; exit 7")
    .replaceAll("/etc/kubernetes", "/nowhere/kubernetes")
    .replaceAll("/var/lib/kubelet", "/nowhere/kubelet")
    .replaceAll("/etc/rancher", "/nowhere/rancher");
  return { ...real, script, files: [], settings: { ...real.settings, FIXED: lines } };
}

/** What is done on the first control plane. */
function firstStep(method: "kubeadm" | "rke2" | "k3s"): Step {
  const controller = machineNamed(argsOf(method).machines, "maple");
  switch (method) {
    case "kubeadm":
      return initStep(argsOf("kubeadm"), controller, undefined);
    case "rke2":
      return rke2Step(argsOf("rke2"), controller, controller, "t");
    case "k3s":
      return k3sStep(argsOf("k3s"), controller, TOKENS);
  }
}
