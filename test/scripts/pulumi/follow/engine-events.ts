/** Lines of the engine's event log, as Pulumi 3.259 writes them; of each resource only what is read. */

export function urn(name: string, type = "command:remote:Command"): string {
  return `urn:pulumi:rig::vmstation::vmstation:node:Node$${type}::${name}`;
}

function resource(name: string, custom: boolean): object {
  return { type: "t", urn: urn(name), custom, id: "", parent: "", inputs: {}, outputs: {} };
}

function line(event: object): string {
  return JSON.stringify({ sequence: 1, timestamp: 1795982847, ...event });
}

function metadata(name: string, op: string, custom: boolean): object {
  const state = resource(name, custom);
  const both = op === "delete" ? { old: state, new: null } : { old: null, new: state };
  return { metadata: { op, urn: urn(name), type: "t", ...both, detailedDiff: null } };
}

export function begins(name: string, op = "create", custom = true): string {
  return line({ resourcePreEvent: metadata(name, op, custom) });
}

export function ends(name: string, op = "create", custom = true): string {
  return line({ resOutputsEvent: metadata(name, op, custom) });
}

export function fails(name: string, op = "create"): string {
  return line({ resOpFailedEvent: { ...metadata(name, op, true), status: 0, steps: 1 } });
}

export function says(message: string, name?: string, severity = "info"): string {
  const where = name === undefined ? {} : { urn: urn(name) };
  return line({ diagnosticEvent: { ...where, message, color: "never", severity } });
}

export function tells(outputs: Record<string, unknown>): string {
  const stack = "urn:pulumi:rig::vmstation::pulumi:pulumi:Stack::vmstation-rig";
  const state = { type: "pulumi:pulumi:Stack", urn: stack, custom: false, outputs };
  return line({ resOutputsEvent: { metadata: { op: "same", urn: stack, old: null, new: state } } });
}

export const SUMMARY = line({ summaryEvent: { durationSeconds: 3, resourceChanges: {} } });

/** What the engine says of a resource whose provider waits for a step that failed. */
export const UNKNOWN_PROVIDER =
  "unknown provider 'urn:pulumi:rig::vmstation::pulumi:providers:kubernetes::kubernetes::" +
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9' for resource 'x'\n";
