/** What the first of two words stands for. */
export const PARENTS: Readonly<Record<string, string>> = {
  mirror: "install without internet: what is needed, download it, check it, serve it",
  app: "add an app to the stack's file, list the apps, or take one out",
  alert: "test whether alerts reach you",
  bootstrap: "show what the next installation would do, or the log of the last one",
};

/**
 * Every verb, by the words that call it, under its heading in `vmstation --help`. Its folder has the same name, with a
 * hyphen for a blank: "bootstrap plan" is in bootstrap-plan.
 */
export const VERBS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "Plan and apply:": {
    init: "inspect your machines over SSH and write the stack's file; changes no machine",
    plan: "show the resources of a stack; needs no Pulumi CLI and changes nothing",
    graph: "draw the graph of the plan; changes nothing",
    preview: "show what an update would change; changes nothing",
    up: "apply the stack: show what would change, ask, and do it",
    refresh: "read what the cluster has, and write it into Pulumi's state",
    destroy: "give the machines back as they were; deletes no data, nor the cluster",
    pulumi: "run any other command of the Pulumi CLI, with the same state",
    promote: "bring the commit that one stack runs, and that passed validation, to another",
    migrate: "convert a state that an earlier version wrote; changes no machine",
    config: "explain the configuration keys, with what they accept and their defaults",
  },
  "Check and repair:": {
    status: "show the stack on one page, and what needs attention; no machine is woken",
    preflight: "run the checks that `up` runs first on each machine; changes nothing",
    validate: "check the running cluster; show what was found, what was expected, what to do",
    drift: "connect to the machines and compare them with the plan; only --fix changes them",
    diagnose: "collect logs and states of all awake machines in one report; secrets are removed",
    "alert test": "send a test alert to the configured receiver, and say whether it arrived",
    logs: "show a machine's journal; secrets are removed, and no machine is woken",
    remedy: "repair a known problem: show each action, ask, then do it",
  },
  "Apps:": {
    "app list": "list the apps of the stack: where they run, and how people reach them",
    "app new": "write a chart, a Kustomize folder or manifests into the stack's file as an app",
    "app remove": "take an app out of the stack's file; its data is kept",
  },
  "Machines:": {
    trust: "show the machines' SSH host keys, and pin them in the stack's file",
    ssh: "log in to a machine; wake it first, and keep it awake during the session",
    restart: "drain a machine, restart it, and let it take pods again; one machine at a time",
    takeover: "make another control plane the controller, where the present one is dead",
    forget: "remove a dead machine from Pulumi's state; nothing is run or deleted on it",
  },
  "Sleep and wake:": {
    power: "show which machines are awake, and why; or test Wake-on-LAN now",
    wake: "wake machines; also works when the power controller is down",
    sleep: "put machines to sleep now; a machine in use stays awake",
    hold: "keep machines awake for some time",
    "spin-down": "switch off the whole cluster: workers, then storage, then the control plane",
    "spin-up": "switch on the whole cluster: the control plane, then storage, then workers",
  },
  "Cluster:": {
    kubeconfig: "add the cluster's admin context to your kubeconfig; other contexts are kept",
    "bootstrap plan": "show which playbooks the next `up` would run; changes nothing",
    "bootstrap log": "show the log of the last installation, or of the running one",
    reset: "install the cluster again (soft), wipe it (hard), or undo everything (full)",
  },
  "Without internet:": {
    "mirror list": "list each file, chart and image that the stack downloads; changes nothing",
    "mirror fetch": "download them into a folder; what is there is kept, what broke off continues",
    "mirror verify": "check a folder: everything is there, and has the right digest",
    "mirror serve": "serve the folder to the machines over HTTP, until Ctrl-C",
  },
  "This computer:": {
    completion: "print the script by which bash, zsh or fish complete verbs, options and names",
  },
  "Backups:": {
    backup: "make the scheduled backups now, waking sleeping machines; or list backups",
    restore: "restore a backup; the data it replaces is kept; see docs/backup.md",
  },
};
