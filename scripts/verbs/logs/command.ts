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
      .argument("<machine>", "name of the machine")
      .argument("[unit]", "a systemd unit, such as kubelet; without it, the whole journal")
      .option("-f, --follow", "show new lines until you press Ctrl-C")
      .option(
        "--since <time>",
        "show lines since then: 30m (ago), 2h, yesterday or '2026-11-20 13:00'",
      )
      .option(
        "-n, --lines <count>",
        "last lines to show; default: 200; with --follow: 10; with --since: all",
        parseCount,
      )
      .addOption(new Option("--json", "write one JSON document").conflicts("follow"))
      .addHelpText(
        "after",
        examples(
          ["vmstation logs alpha kubelet --since 1h", "the kubelet's last hour"],
          ["vmstation logs homelab -f", "follow the whole journal"],
        ),
      ),
  );

export type Input = InputOf<typeof createCommand>;
