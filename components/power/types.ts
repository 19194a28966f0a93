/**
 * What an app that sleeps with its machine tells the power layer. apps/ fills these in as pure values.
 * Such an app is marked `vmstation.io/sleeps-with` on its pods, and its Service is of type ClusterIP: the
 * power controller on the always-on control plane owns the port that people connect to.
 */

/**
 * How the controller asks whether somebody uses the app, in the app's own way. Without a probe, and with one whose
 * secret is not set, it counts connections through the advertised ports. No answer counts as in use.
 */
export interface AppProbe {
  /** Text of a Python module with `users(address, port, key)`, a number of people; see files/lib/probes.py. */
  readonly program: string;
  /** Name of the secret that it gets as `key`. */
  readonly secret?: string | undefined;
}

/**
 * Who says the first word on a port, which tells a client that wants the app from a port scanner: a whole HTTP request
 * (a browser is then shown a page while the machine wakes), anything from the client, or a client that waits for the
 * server's greeting for some seconds.
 */
export type Speaks = "http" | "client-first" | "server-first";

/** A TCP port of the always-on control plane, held and forwarded to the app. */
export interface AdvertisedPort {
  /** The port that people connect to, 30096. */
  readonly port: number;
  /** The port of the app's Service. */
  readonly servicePort: number;
  readonly speaks: Speaks;
}

/** One app whose pods sleep with a machine. */
export interface SleepingApp {
  /** "notes"; unique. */
  readonly app: string;
  /** As people call it: "Notes". */
  readonly title: string;
  /** Its configuration key, for messages: "apps.notes". */
  readonly path: string;
  /** Name of the machine that it runs on. */
  readonly machine: string;
  /** Scaled to 0 before a power-off and back afterwards; its manifest leaves `replicas` out. */
  readonly workload: {
    readonly namespace: string;
    readonly kind: "Deployment" | "StatefulSet";
    readonly name: string;
  };
  /** Name of the ClusterIP Service in the workload's namespace. */
  readonly service: string;
  /** The Service's port that the probe asks. */
  readonly probePort: number;
  readonly probe?: AppProbe | undefined;
  /** If empty, only a person wakes the machine for the app. */
  readonly advertised: readonly AdvertisedPort[];
}
