import type { Command } from "commander";
import { examples, runs, withConfig } from "../declare";

/** Verbs about sleep: what state the machines are in, and who is to sleep, wake or stay awake. */
export function addPowerVerbs(program: Command): void {
  addPower(program);
  addWake(program);
  addSleep(program);
  addHold(program);
  addSsh(program);
  addSpin(program);
}

function addPower(program: Command): void {
  withConfig(program.command("power"))
    .description("show which machines are awake, why, and since when; or run a wake test now")
    .argument("[test]", "`test`: to sleep and awake again, as proof that a magic packet wakes it")
    .argument("[machines...]", "those to test")
    .option("--dry-run", "with test: only say what speaks against it")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation power", "the state of all machines, and why they are awake"],
        ["vmstation power test homelab", "a wake test; until one has passed, homelab never sleeps"],
      ),
    )
    .action(runs("power"));
}

function addWake(program: Command): void {
  withConfig(program.command("wake"))
    .description("wake machines, by way of the power controller or by magic packets alone")
    .argument("<machines...>", "their names")
    .option("--no-wait", "only send the packet")
    .option("--dry-run", "only say which of them sleep")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation wake homelab", "wake it, and wait until it is in service"],
        ["vmstation wake homelab storagenodet3500 --no-wait", "send the packets, and go on"],
      ),
    )
    .action(runs("wake"));
}

function addSleep(program: Command): void {
  withConfig(program.command("sleep"))
    .description("put machines to sleep now, unless something is going on there")
    .argument("<machines...>", "their names")
    .option("--dry-run", "only say what speaks against it")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(["vmstation sleep homelab --dry-run", "what keeps homelab awake just now"]),
    )
    .action(runs("sleep"));
}

function addHold(program: Command): void {
  withConfig(program.command("hold"))
    .description("keep machines awake for a time; it ends by itself")
    .argument("<machines...>", "their names")
    .option("--for <duration>", "for how long: 90m, 3h")
    .option(
      "--why <text>",
      "shown by `vmstation power`; with --release, only the hold of that reason",
    )
    .option("--release", "end their holds now")
    .option("--dry-run", "only say what would be done")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation hold homelab --for 3h --why 'a long build'", "it stays awake that long"],
        ["vmstation hold homelab --release", "it may sleep again"],
      ),
    )
    .action(runs("hold"));
}

function addSsh(program: Command): void {
  withConfig(program.command("ssh"))
    .description("log in to a machine, woken first where it sleeps and held awake meanwhile")
    .argument("<machine>", "its name; options go before it")
    .argument("[command...]", "run this instead of a shell; its exit code is passed on")
    .passThroughOptions()
    .addHelpText(
      "after",
      examples(
        ["vmstation ssh homelab", "a shell"],
        ["vmstation ssh homelab -- journalctl -b", "one command"],
      ),
    )
    .action(runs("ssh"));
}

function addSpin(program: Command): void {
  withConfig(program.command("spin-down"))
    .description("switch the whole cluster off: workers, storage, and the control plane last")
    .option("-y, --yes", "without asking")
    .option("--even-if-in-use", "whoever uses the machines that sleep, and whatever holds them")
    .option("--dry-run", "show the order, and what speaks against it")
    .option("--json", "write one JSON document")
    .addHelpText("after", examples(["vmstation spin-down --dry-run", "the order; nothing is done"]))
    .action(runs("spin-down"));
  withConfig(program.command("spin-up"))
    .description(
      "switch the whole cluster on: the control plane, storage, workers, their workloads",
    )
    .option("-y, --yes", "without asking")
    .option("--dry-run", "show the order")
    .option("--json", "write one JSON document")
    .addHelpText("after", examples(["vmstation spin-up", "everything back as it was"]))
    .action(runs("spin-up"));
}
