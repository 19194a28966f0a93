import { examples, type InputOf, newVerb, withStack } from "../../kit/verb/command";

export const createCommand = () =>
  withStack(
    newVerb()
      .argument("[machines...]", "names of machines; without them, all machines")
      .option(
        "--hypervisor",
        "show and pin the TLS certificates of the hypervisor's hosts; the names are those of hosts",
      )
      .option("--key <key>", "pin this public key; read it at the machine's console first")
      .option("-y, --yes", "do not ask; only after you have compared the fingerprints")
      .option("--dry-run", "only show the fingerprints")
      .option("--json", "write one JSON document")
      .addHelpText(
        "after",
        examples(
          ["vmstation trust", "show all keys, ask, then pin them"],
          ["vmstation trust homelab --dry-run", "only show the keys of homelab"],
          ["vmstation trust --hypervisor", "the same for the certificates of Proxmox's hosts"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
