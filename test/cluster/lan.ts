import { run } from "../rig/command";

/** By which run.ts tells the suites that the network is theirs alone. */
export const OWN_NETWORK = "VMSTATION_CLUSTER_NETWORK";

/** The words that start a program in a network of its own with nothing but loopback; none where that is not allowed. */
export async function ownNetwork(): Promise<readonly string[]> {
  const words = ["--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
  const tried = await run("unshare", [...words, "true"], { anyCode: true }).catch(() => undefined);
  return tried?.code === 0 ? ["unshare", ...words] : [];
}

/**
 * For a mocha `before`: lets every program of the suite listen on addresses of a home's LAN and of its pods, as if their
 * machines were this one. Leaves the tests pending where the network is not ours.
 */
export async function requireLan(context: Mocha.Context, ...ranges: string[]): Promise<void> {
  if (process.env[OWN_NETWORK] === undefined) {
    console.log("    pending: it needs root, for a network of its own");
    context.skip();
  }
  for (const range of ranges) await run("ip", ["route", "replace", "local", range, "dev", "lo"]);
}
