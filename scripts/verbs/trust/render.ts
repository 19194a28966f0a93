import { fingerprint } from "../../kit/host-keys/host-key";
import { listNames } from "../../../components/hypervisor/certificates";
import { fingerprintOf } from "../../kit/proxmox/scan-certificate";
import { isUnsettled, type HostFinding } from "./certificates";
import type { PinnedMachine } from "./stack-file";

export interface Finding extends PinnedMachine {
  /** What the machine shows now; undefined where it does not answer. */
  readonly shown: string | undefined;
  /** Whether the key was made here, now or by a run that was cut, for a machine that the next update makes with it. */
  readonly isMade?: boolean;
}

/** A machine that is made with a key which is known before it, and does not answer yet. */
export function isToBeMade({ hostKeySecret, pinned, shown }: Finding): boolean {
  return hostKeySecret !== undefined && pinned === undefined && shown === undefined;
}

function renderKey(key: string | undefined): string {
  return key === undefined ? "none" : fingerprint(key);
}

/** Both fingerprints, and what the difference means. */
export function renderFinding(finding: Finding): string {
  const head = `${finding.name} (${finding.address}:${finding.port})`;
  if (finding.isMade === true)
    return `${head}\n  made   ${renderKey(finding.pinned)}\n  the next update makes the machine with it\n`;
  if (isToBeMade(finding))
    return `${head}\n  no answer: without --dry-run a key is made, and the next update makes the machine with it\n`;
  const lines = [
    head,
    `  pinned ${renderKey(finding.pinned)}`,
    `  shown  ${finding.shown === undefined ? "no answer: is it awake?" : renderKey(finding.shown)}`,
  ];
  if (finding.shown !== undefined && finding.shown === finding.pinned) lines.push("  the same");
  else if (finding.shown !== undefined && finding.pinned !== undefined) {
    lines.push(
      "  DIFFERENT: the machine was reinstalled, or another computer answers in its place",
    );
  }
  return `${lines.join("\n")}\n`;
}

/** What `vmstation trust --json` prints. */
export function renderDocument(
  stack: string,
  file: string,
  findings: readonly Finding[],
  changed: boolean,
): object {
  return { version: 1, stack, file, changed, machines: findings.map(renderJson) };
}

function renderJson({ name, address, pinned, shown }: Finding): object {
  return {
    machine: name,
    address,
    pinned: pinned === undefined ? null : fingerprint(pinned),
    shown: shown === undefined ? null : fingerprint(shown),
  };
}

/** The machines whose keys are in the stack's file now. */
export function renderPinned(file: string, pinned: readonly Pick<Finding, "name">[]): string {
  const names = pinned.map(({ name }) => name).join(", ");
  return pinned.length === 0 ? "nothing was pinned\n" : `pinned in ${file}: ${names}\n`;
}

/** A host's certificate, and what a difference means. */
export function renderHost(finding: HostFinding, endpoint: string): string {
  const { name, pinned, shown, isSigned } = finding;
  const lines = [`${name} (${finding.endpoint})`, `  pinned ${pinned ?? "none"}`];
  if (shown === undefined) lines.push("  shown  no answer: is it on?");
  else {
    const { certificate } = shown;
    const fingerprint = fingerprintOf(certificate);
    lines.push(`  shown  ${fingerprint}`);
    lines.push(
      `  for    ${listNames(certificate).join(", ") || "no address"}, until ${certificate.validTo}`,
    );
    if (fingerprint === pinned) lines.push("  the same");
    else if (pinned !== undefined)
      lines.push(
        "  DIFFERENT: the certificate was renewed, or another computer answers in its place",
      );
    else if (isSigned)
      lines.push(
        "  signed by hypervisor.certificateAuthority, or by one that this computer trusts: no need to pin it",
      );
    if (isUnsettled(finding)) lines.push(renderMisfit(finding, endpoint));
  }
  return `${lines.join("\n")}\n`;
}

/** Why a certificate is not pinned, and what to do. */
function renderMisfit({ name, address, pinned }: HostFinding, endpoint: string): string {
  const key = `hypervisor.hosts.${name}.certificate`;
  return [
    `  NOT PINNED: it is for neither ${address} (hypervisor.hosts.${name}.address) nor ${new URL(endpoint).hostname} (hypervisor.endpoint).`,
    "  One of these helps; run this again after it:",
    `    - on ${name}: pvecm updatecerts --force. Proxmox then makes one for the host's address. One that you have uploaded, or that`,
    "      ACME has brought, stays before it: remove that, or renew it with the address",
    "    - hypervisor.endpoint: https:// with a name that it is for, which the power controller must be able to resolve",
    `    - no ${key}${pinned === undefined ? ", as now" : ": remove the key"}. Another host must answer at hypervisor.endpoint then, and this one is not asked`,
  ].join("\n");
}

/** What `vmstation trust --hypervisor --json` prints. */
export function renderHosts(
  stack: string,
  file: string,
  findings: readonly HostFinding[],
  changed: boolean,
): object {
  return {
    ...{ version: 1, stack, file, changed },
    hosts: findings.map(({ name, endpoint, pinned, shown, isSigned, fits }) => ({
      ...{ host: name, endpoint, pinned: pinned ?? null, fits },
      shown: shown === undefined ? null : fingerprintOf(shown.certificate),
      signed: isSigned,
    })),
  };
}
