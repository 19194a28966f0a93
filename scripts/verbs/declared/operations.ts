import type { Command } from "commander";
import { collect, examples, runs, withConfig } from "../declare";

/** Verbs for the operator's day: is everything right, what is going on, and what mends it. */
export function addOperationVerbs(program: Command): void {
  addPreflight(program);
  addValidate(program);
  addLogs(program);
  addDiagnose(program);
  addRemedy(program);
  addKubeconfig(program);
  addGraph(program);
}

function addPreflight(program: Command): void {
  withConfig(program.command("preflight"))
    .description("look at the machines as `up` does before it changes anything; changes nothing")
    .argument("[machines...]", "their names; all machines unless told")
    .option("--wake", "wake those that sleep; they go to sleep again by themselves")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation preflight", "all machines at once, with everything that is in the way"],
        ["vmstation preflight homelab --wake", "one of them, woken first"],
      ),
    )
    .action(runs("preflight"));
}

function addValidate(program: Command): void {
  withConfig(program.command("validate"))
    .description("run the checks on the control plane: what was found, expected, and what to do")
    .argument(
      "[groups...]",
      "cluster, monitoring, network, nodes, pods, storage, services, certificates, time; all unless told",
    )
    .option("--wait <duration>", "look again until all is right, at most this long")
    .option("--failures", "leave out what passes")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation validate", "everything; 0 pass, 1 fail, 2 something could not be looked at"],
        ["vmstation validate pods storage --failures", "what is wrong with pods and volumes"],
        ["vmstation validate --wait 5m", "after a change, until it has settled"],
      ),
    )
    .action(runs("validate"));
}

function addLogs(program: Command): void {
  withConfig(program.command("logs"))
    .description("show a machine's journal, secrets taken out; one that sleeps is left asleep")
    .argument("<machine>", "its name")
    .argument("[unit]", "a systemd unit, such as kubelet; the whole journal unless told")
    .option("-f, --follow", "go on as lines come, until interrupted")
    .option("--since <time>", "30m, 2h, yesterday, '2026-11-20 13:00'")
    .option("-n, --lines <number>", "only the last ones; 200 unless told, all with --since")
    .addHelpText(
      "after",
      examples(
        ["vmstation logs masternode kubelet --since 1h", "what the kubelet said in the last hour"],
        ["vmstation logs homelab -f", "everything, as it comes"],
      ),
    )
    .action(runs("logs"));
}

function addGraph(program: Command): void {
  withConfig(program.command("graph"))
    .description("draw the plan's graph; changes nothing")
    .argument("[file]", "a .svg, .dot or .mmd file; STACK.svg unless told")
    .option("--set <layer.key=value>", "draw with another value (repeatable)", collect, [])
    .addHelpText("after", examples(["vmstation graph", "draws homelab.svg"]))
    .action(runs("graph"));
}

function addKubeconfig(program: Command): void {
  withConfig(program.command("kubeconfig"))
    .description("put the cluster's administrator into your kubeconfig; other contexts stay")
    .option("--print", "print it instead: it is a secret")
    .option("--file <file>", "merge into this; else KUBECONFIG, else ~/.kube/config")
    .option("--use", "make it the current context, also where there is another")
    .option("--dry-run", "only say what would be written")
    .option("--json", "write one JSON document about it, without the secret")
    .addHelpText(
      "after",
      examples(
        ["vmstation kubeconfig", "merge it; kubectl --context homelab get nodes"],
        ["vmstation kubeconfig --file ./lab.yaml", "a file of its own, for you alone"],
      ),
    )
    .action(runs("kubeconfig"));
}

function addRemedy(program: Command): void {
  withConfig(program.command("remedy"))
    .description("mend a known problem: shows what it would do, asks, does it; alone lists them")
    .argument("[problem]", "one of those that `vmstation remedy` lists")
    .argument("[target]", "a namespace, NAMESPACE/NAME or machine; all that have the problem else")
    .option("-y, --yes", "without asking")
    .option("--dry-run", "only say what would be done")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation remedy", "the problems that there is a remedy for"],
        ["vmstation remedy crash-loops --dry-run", "which pods would be started anew"],
        ["vmstation remedy not-ready-node homelab", "restart the kubelet there, once you agree"],
      ),
    )
    .action(runs("remedy"));
}

function addDiagnose(program: Command): void {
  withConfig(program.command("diagnose"))
    .description("collect evidence of all machines that are awake in one report, without secrets")
    .argument("[machines...]", "their names; all machines unless told")
    .option("-o, --output <path>", "a new folder, or a .tar.gz; diagnosis-STACK-TIME unless told")
    .option("--json", "write one JSON document about it")
    .addHelpText(
      "after",
      examples(
        ["vmstation diagnose", "a folder with report.md and report.json"],
        ["vmstation diagnose -o evidence.tar.gz", "one file, to pass on"],
      ),
    )
    .action(runs("diagnose"));
}
