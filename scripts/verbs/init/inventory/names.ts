import { isIP } from "node:net";
import { machineName } from "../asked";
import { UserError } from "../../../kit/user-error";

/**
 * Each host's name as a machine's name: its first label, or all labels if two hosts share the first one. An address
 * becomes "node-" and the whole address.
 */
export function nameMachines(file: string, hosts: readonly string[]): ReadonlyMap<string, string> {
  const short = new Map(hosts.map((host) => [host, machineName(host)]));
  const shortNames = [...short.values()];
  const isTaken = (name: string): boolean =>
    shortNames.indexOf(name) !== shortNames.lastIndexOf(name);
  const names = new Map(
    hosts.map((host) => {
      const name = short.get(host) ?? "";
      return [
        host,
        isTaken(name) && isIP(host) === 0 ? machineName(host.replaceAll(".", "-")) : name,
      ];
    }),
  );
  for (const [host, name] of names) {
    const other = hosts.find((each) => each !== host && names.get(each) === name);
    if (name === "")
      throw new UserError(`${file}: the host ${host} cannot be made a machine's name. Rename it.`);
    if (other !== undefined) {
      throw new UserError(
        `${file}: the hosts ${host} and ${other} would both be named ${name}. Rename one of them.`,
      );
    }
  }
  return names;
}
