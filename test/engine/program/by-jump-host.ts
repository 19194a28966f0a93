import { remote } from "@pulumi/command";
import { z } from "zod";
import { jumpTo } from "../../../components/remote/jump";
import { renderConnection } from "../../../components/remote/machine";
import { remoteSchema } from "../../../components/remote/config";

/** Commands on one machine, connected to as every step is; MACHINE says which. */
const machine = z
  .object({ name: z.string(), address: z.string(), sshPort: z.number(), hostKey: z.string() })
  .transform((one) => ({ ...one, sshUser: "ops", sleeps: false, offline: false }))
  .parse(JSON.parse(process.env.MACHINE ?? "null"));
const settings = remoteSchema.parse({ dialAttempts: 2, dialTimeout: "5s" });
const access = { settings, jumpTo: () => jumpTo(machine, { attempts: 2, timeout: 5 }) };

for (const name of ["first", "second"]) {
  new remote.Command(name, {
    connection: renderConnection(machine, access),
    create: `cat >"$MACHINE_ROOT"/${name}`,
    stdin: name,
  });
}
