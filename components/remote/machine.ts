import type * as pulumi from "@pulumi/pulumi";
import type { types } from "@pulumi/command";
import type { RemoteConfig } from "./config";
import type { Jump } from "./jump";

/** A machine as remote/ needs it: how to reach it, and how to wake it. */
export interface RemoteMachine {
  readonly name: string;
  /** IPv4 address. */
  readonly address: string;
  readonly sshPort: number;
  readonly sshUser: string;
  /** Public host key, "ssh-ed25519 AAAA…"; without it `up` refuses the machine. */
  readonly hostKey?: string | undefined;
  /** MAC address of the NIC that hears magic packets. */
  readonly mac?: string | undefined;
  /** Whether the machine may be asleep when there is work for it. */
  readonly sleeps: boolean;
  /** Dead or away: its resources stay in the state as they are. */
  readonly offline: boolean;
}

/** What reaching a machine takes beside the machine itself. */
export interface RemoteAccess {
  readonly settings: RemoteConfig;
  /** Private key in OpenSSH's format; the agent is asked where it is absent. */
  readonly privateKey?: pulumi.Output<string> | undefined;
  /** Wakes a sleeping machine before work on it; see wake-hook.ts. */
  readonly hooks?: pulumi.ResourceHookBinding;
  /** The jump host of this operator's ssh settings, if there is one; see jump.ts. */
  readonly jumpTo?: (machine: RemoteMachine) => Jump;
}

/**
 * The connection of every resource on `machine`. It is the same for each operator, or every step would run again for
 * each of them; only who needs a jump host has that one in it.
 */
export function renderConnection(
  machine: RemoteMachine,
  access: RemoteAccess,
): types.input.remote.ConnectionArgs {
  const proxy = access.jumpTo?.(machine).proxy;
  return {
    host: machine.address,
    port: machine.sshPort,
    user: machine.sshUser,
    dialErrorLimit: access.settings.dialAttempts,
    perDialTimeout: access.settings.dialTimeout,
    ...(machine.hostKey === undefined ? {} : { hostKey: machine.hostKey }),
    ...(access.privateKey === undefined ? {} : { privateKey: access.privateKey }),
    ...(proxy === undefined ? {} : { proxy }),
  };
}
