import {
  examples,
  type InputOf,
  newVerb,
  Option,
  parseCount,
  withConfig,
} from "../../kit/verb/command";

export const createCommand = () =>
  withConfig(
    newVerb()
      .option("-f, --follow", "show new lines until the run ends")
      .option("-n, --lines <count>", "last lines to show", parseCount, 100)
      .option(
        "-m, --machine <name>",
        "for kubeadm, RKE2 and K3s: log of this machine; without it, the first control plane",
      )
      .option("--install", "log of the preparation: installing Ansible, or Kubernetes' programs")
      .addOption(new Option("--json", "write one JSON document").conflicts("follow"))
      .addHelpText(
        "after",
        examples(
          ["vmstation bootstrap log", "the end of the last log"],
          ["vmstation bootstrap log --follow", "follow the run that an `up` has started"],
          ["vmstation bootstrap log -n 5000 | less", "more lines"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
