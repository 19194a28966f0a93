import { UserError } from "../../../kit/user-error";
import type { InventoryHost } from "./inventory";
import { Opaque, show, typeOf } from "./values";

/** How Ansible would log in to a host; undefined where the inventory does not say. */
export interface HostConnection {
  readonly target: string | undefined;
  readonly port: number | undefined;
  readonly user: string | undefined;
}

/** Of two names the old one with ssh in it wins, as in Ansible. */
export function readConnection(host: InventoryHost): HostConnection {
  return {
    target: readFilled(host, ["ansible_host", "ansible_ssh_host"]),
    port: readPort(host, ["ansible_port", "ansible_ssh_port"]),
    user: readUser(host),
  };
}

/** The last of the variables that is set. */
export function readText(host: InventoryHost, names: readonly string[]): string | undefined {
  // Ansible decrypts either of them before it takes one.
  for (const each of names) {
    const found = host.variables.get(each);
    if (!(found instanceof Opaque)) continue;
    throw new UserError(`${host.name}: ${each} is ${found.what}: write the plain value`);
  }
  const name = names.findLast((each) => (host.variables.get(each) ?? null) !== null);
  if (name === undefined) return undefined;
  const value = host.variables.get(name) ?? null;
  if (typeof value === "string" && /\{[{%]/.test(value)) {
    throw new UserError(`${host.name}: ${name} is a template (${value}): write the value itself`);
  }
  const isNumber = typeof value === "bigint" || Number.isFinite(value);
  if (typeof value !== "string" && !isNumber) {
    throw new UserError(`${host.name}: ${name} must be text, found ${typeOf(value)}`);
  }
  return show(value);
}

/** An empty one is none: the user who runs Ansible logs in. */
function readUser(host: InventoryHost): string | undefined {
  const user = readText(host, ["ansible_user", "ansible_ssh_user"]);
  return user === "" ? undefined : user;
}

function readFilled(host: InventoryHost, names: readonly string[]): string | undefined {
  const text = readText(host, names);
  if (text !== "") return text;
  throw new UserError(
    `${host.name}: ${names[0] ?? ""} is empty: write an address, or leave it out`,
  );
}

function readPort(host: InventoryHost, names: readonly string[]): number | undefined {
  const text = readText(host, names);
  if (text === undefined) return undefined;
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new UserError(
    `${host.name}: ${names[0] ?? ""} must be a port from 1 to 65535, found "${text}"`,
  );
}
