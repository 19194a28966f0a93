import { examples, type InputOf, newVerb, Option, parsePort } from "../../kit/verb/command";

export const createCommand = () =>
  newVerb()
    .argument("<folder>", "a folder of `mirror fetch`")
    .addOption(
      new Option("--address <address>", "address of this computer to listen on").default(
        "127.0.0.1",
      ),
    )
    .addOption(new Option("--port <port>", "port to listen on").argParser(parsePort).default(8080))
    .option("--json", "write one JSON document once it is served")
    .addHelpText(
      "after",
      examples([
        "vmstation mirror serve mirror --address 192.168.1.5",
        "serve it to the machines of the LAN",
      ]),
    );

export type Input = InputOf<typeof createCommand>;
