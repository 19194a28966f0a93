import type { Machine } from "../node/machine";
import { readScript, type StepFile } from "../remote/step";
import type { ClusterArgs } from "./args";
import { inOrder, isServer, program } from "./turns";

const UNIT = "vmstation-renew-by-restart";

export const RENEWAL_TIMER = `${UNIT}.timer`;

/** A service that renews its certificates when it starts, and only then. */
export interface Renewal {
  readonly service: string;
  /** Where its certificates are. */
  readonly data: string;
  readonly kubeconfig: string;
  /** kubectl's program on a server and, where it is another program's, the word by which it is kubectl. */
  readonly kubectl: readonly string[];
}

const BEGINS = 3 * 60;
const APART = 10;
const DAY = 24 * 60;

/** When the machine at this place looks, "03:10": ten minutes apart, so that servers restart one after another. */
export function renewalTime(place: number): string {
  const minutes = (BEGINS + place * APART) % DAY;
  const digits = (value: number) => String(value).padStart(2, "0");
  return `${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}`;
}

/** What looks every day whether certificates end soon, and restarts the service where they do; nothing where that is off. */
export function renewalFiles(args: ClusterArgs, machine: Machine, renewal: Renewal): StepFile[] {
  if (!args.config.renewCertificates) return [];
  const lines = Object.entries({
    SERVICE: renewal.service,
    DATA: renewal.data,
    NODE: machine.name,
    KUBECONFIG: renewal.kubeconfig,
    KUBECTL: isServer(machine) ? renewal.kubectl.join(" ") : "",
  }).map(([name, value]) => `${name}=${value}\n`);
  const time = renewalTime(inOrder(args).findIndex(({ name }) => name === machine.name));
  const file = (name: string) => readScript(__dirname, `files/${name}`);
  return [
    program("renew-by-restart.sh"),
    { path: "/etc/vmstation/renewal", content: lines.join("") },
    { path: `/etc/systemd/system/${UNIT}.service`, content: file(`${UNIT}.service`) },
    {
      path: `/etc/systemd/system/${RENEWAL_TIMER}`,
      content: file(RENEWAL_TIMER).replace("03:00:00", `${time}:00`),
    },
  ];
}
