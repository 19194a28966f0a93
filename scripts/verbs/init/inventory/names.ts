import { isIP } from "node:net";
import { machineName } from "../asked";
import { UserError } from "../../../kit/user-error";

/**
 * Each host's name as a machine here: its first label; all its labels where two hosts share the first one; for an
 * address, which says nothing by its first number, "node-" and the whole of it.
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
      throw new UserError(`${file}: ${host} gives no name for a machine: rename it.`);
    if (other !== undefined) {
      throw new UserError(
        `${file} has two hosts that would be named ${name}, ${host} and ${other}: rename one of them.`,
      );
    }
  }
  return names;
}
