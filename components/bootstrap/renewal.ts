import { readScript, type StepFile } from "../remote/step";

const LIBRARY = "/usr/local/lib/vmstation/bootstrap";
const UNIT = "vmstation-renew-by-restart";

export const RENEWAL_TIMER = `${UNIT}.timer`;

/** A service that renews its certificates when it starts, and only then. */
export interface Renewal {
  readonly service: string;
  /** Where its certificates are. */
  readonly data: string;
  readonly node: string;
  readonly kubeconfig: string;
  /** kubectl's program and, where it is another program's, the word by which it is kubectl. */
  readonly kubectl: readonly string[];
  /** Its place among the cluster's machines. */
  readonly place: number;
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

/** What looks every day whether certificates end soon, and restarts the service where they do. */
export function renewalFiles(renewal: Renewal): StepFile[] {
  const { service, data, node, kubeconfig, kubectl, place } = renewal;
  const settings = { SERVICE: service, DATA: data, NODE: node, KUBECONFIG: kubeconfig };
  const lines = [
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    `KUBECTL=${kubectl.join(" ")}`,
  ];
  const file = (name: string) => readScript(__dirname, `files/${name}`);
  return [
    {
      path: `${LIBRARY}/renew-by-restart.sh`,
      content: file("renew-by-restart.sh"),
      mode: "0755",
      validate: "shell",
    },
    { path: "/etc/vmstation/renewal", content: `${lines.join("\n")}\n` },
    { path: `/etc/systemd/system/${UNIT}.service`, content: file(`${UNIT}.service`) },
    {
      path: `/etc/systemd/system/${RENEWAL_TIMER}`,
      content: file(RENEWAL_TIMER).replace("03:00:00", `${renewalTime(place)}:00`),
    },
  ];
}
