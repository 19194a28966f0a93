import { collect, newVerb, Option, withConfig } from "./command";

/** A verb that runs an update of the Pulumi CLI. Options that it does not know are passed on. */
export function newUpdate() {
  return withConfig(newVerb().argument("[options...]", "other options of the Pulumi CLI"))
    .allowUnknownOption()
    .option("--diff", "show each changed line")
    .option("-t, --target <urn>", "only this resource, and what it needs (repeatable)", collect, [])
    .option("--json", "write one JSON document; the CLI's output goes to stderr");
}

/** The same for a verb that changes something: it shows a preview and asks. */
export function newChange() {
  return newUpdate()
    .option("-y, --yes", "do not ask after the preview")
    .option("--skip-preview", "with --yes: change without a preview")
    .option("--dry-run", "only show what would be changed");
}

/** The stack to show in a fresh clone, where there are only those that come with the project: see package.json. */
export function exampleOption() {
  return new Option("--example <stack>").hideHelp();
}
