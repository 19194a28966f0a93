import type { Command } from "commander";
import { examples, runs, withConfig } from "../declare";

/** Verbs about the cluster itself: how it was installed, what would change it, and doing away with it. */
export function addBootstrapVerbs(program: Command): void {
  const bootstrap = program
    .command("bootstrap")
    .description("the cluster's installation: what is due, and its log");
  addPlan(bootstrap);
  addLog(bootstrap);
  addReset(program);
}

function addPlan(bootstrap: Command): void {
  withConfig(bootstrap.command("plan"))
    .description("ask the control plane which playbooks `up` would run; changes nothing")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(["vmstation bootstrap plan", "by what is recorded, or found, on the control plane"]),
    )
    .action(runs("bootstrap-plan"));
}

function addLog(bootstrap: Command): void {
  withConfig(bootstrap.command("log"))
    .description("show the log of the last run, or of the one that is going on")
    .option("-f, --follow", "go on until the run has ended")
    .option("-n, --lines <count>", "of the log's end; 100 unless told")
    .option("-m, --machine <name>", "for kubeadm and RKE2: another than the first control plane")
    .option("--install", "of what is installed before the run: Ansible, or Kubernetes' programs")
    .addHelpText(
      "after",
      examples(
        ["vmstation bootstrap log", "the end of the last run's log"],
        ["vmstation bootstrap log --follow", "the run that an `up` has begun"],
        ["vmstation bootstrap log -n 5000 | less", "more of it"],
      ),
    )
    .action(runs("bootstrap-log"));
}

function addReset(program: Command): void {
  withConfig(program.command("reset"))
    .description(
      "run the cluster's installation anew (soft), wipe it (hard), or take all back (full)",
    )
    .argument("<level>", "soft, hard or full")
    .option("-y, --yes <cluster>", "without asking; give the cluster's name")
    .option("--keep-state", "leave Pulumi's state as it is, as where it is not kept here")
    .option("--dry-run", "only say what would be done")
    .option("--json", "write one JSON document")
    .addHelpText(
      "after",
      examples(
        ["vmstation reset soft", "cluster.yml once more over the cluster as it is"],
        ["vmstation reset hard --dry-run", "what wiping the cluster would do"],
        ["vmstation reset full", "no cluster, and the machines as they were"],
      ),
    )
    .action(runs("reset"));
}
