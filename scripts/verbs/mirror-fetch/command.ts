import {
  examples,
  type InputOf,
  newVerb,
  parseMirror,
  withArchitecture,
  withConfig,
} from "../../kit/verb/command";

export const createCommand = () =>
  withArchitecture(withConfig(newVerb().argument("<folder>", "where everything is put")))
    .option(
      "--from <url>",
      "another mirror that `mirror serve` serves, to download from",
      parseMirror,
    )
    .option("--no-images", "download files and charts only")
    .option("--dry-run", "only show what would be downloaded")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation mirror fetch /mnt/usb/mirror", "download what is missing; images by skopeo"],
        ["vmstation mirror fetch mirror --no-images", "where a registry has the images already"],
      ),
    );

export type Input = InputOf<typeof createCommand>;
