import {
  examples,
  type InputOf,
  newVerb,
  withArchitecture,
  withConfig,
} from "../../kit/verb/command";

export const createCommand = () =>
  withArchitecture(withConfig(newVerb().argument("<folder>", "a folder of `mirror fetch`")))
    .option("--no-images", "check files and charts only")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(["vmstation mirror verify /mnt/usb/mirror", "read everything; 1 if anything lacks"]),
    );

export type Input = InputOf<typeof createCommand>;
