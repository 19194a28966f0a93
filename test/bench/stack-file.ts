import { readFileSync, writeFileSync } from "node:fs";
import { Document, isMap, parseDocument } from "yaml";
import { HOMELAB_FILE } from "../support/homelab";

/**
 * Writes a stack file with as many machines: the homelab's own three, and workers that sleep, in a
 * LAN that is wide enough for them.
 */
export function writeStackFile(file: string, machines: number): void {
  const stack = parseDocument(readFileSync(HOMELAB_FILE, "utf8"));
  stack.setIn(["config", "vmstation:lan", "cidr"], "192.168.0.0/16");
  stack.setIn(["config", "vmstation:lan", "broadcast"], "192.168.255.255");
  const own = stack.getIn(["config", "vmstation:machines"]);
  if (!isMap(own)) throw new Error("the homelab of the tests has no machines");
  for (let number = own.items.length; number < machines; number += 1) {
    own.set(`worker${String(number)}`, new Document(renderWorker(number)).contents);
  }
  writeFileSync(file, stack.toString());
}

function renderWorker(number: number): object {
  // The homelab itself has addresses of 192.168.8.0/24.
  const high = 9 + Math.floor(number / 200);
  const low = 10 + (number % 200);
  const hex = number.toString(16).padStart(4, "0");
  return {
    address: `192.168.${String(high)}.${String(low)}`,
    mac: `02:00:00:00:${hex.slice(0, 2)}:${hex.slice(2)}`,
    nic: "eth0",
    os: "debian-12",
    roles: ["worker"],
    sshUser: "operator",
    dns: ["192.168.8.1"],
    power: { mode: "sleeps" },
  };
}
