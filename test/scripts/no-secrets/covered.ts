/** `vmstation` as a process of its own, in the project itself: by what it is called and its further words. */
export const STACK_CASES: readonly (readonly [verb: string, ...words: string[]])[] = [
  ["plan", "--stack", "homelab", "--graph", "GRAPH"],
  ["plan", "--stack", "homelab", "--json"],
  ["config"],
  ["drift", "--stack", "homelab", "--json"],
  ["trust", "--stack", "homelab", "--dry-run"],
  ["trust", "--stack", "homelab", "--json", "--dry-run"],
  ["init", "--stack", "homelab", "--from", "INVENTORY", "--user", "ops", "--yes", "--dry-run"],
  ["forget", "hazel", "--stack", "homelab", "--yes"],
  ["takeover", "maple", "--stack", "homelab", "--yes"],
  ["migrate", "--stack", "homelab", "--yes"],
  ["promote", "lab", "homelab"],
  // It would send packets; what machines say comes by the way of wake and power.
  ["spin-up", "--stack", "homelab", "--dry-run"],
];

/** What is said there is another program's: Pulumi's, which hides secrets itself, and a shell's. */
const OTHERS = ["pulumi", "up", "preview", "refresh", "destroy", "ssh"];

/** A script of ours, the same for everybody. */
const SCRIPTS = ["completion"];

/** It draws by the same function as `plan --graph`, and says how many resources there are. */
const DRAWING = ["graph"];

/** They show addresses, digests and images of the plan: ../mirror/list.test.ts; the others print less. */
const MIRROR = ["mirror list", "mirror fetch", "mirror verify", "mirror serve"];

/** They read the stack's file alone, in which a secret has a name: ../app/app.test.ts. */
const APPS = ["app list", "app new", "app remove"];

/** Verbs that stack-verbs.test.ts tries, or nobody can. */
export const COVERED_ELSEWHERE: readonly string[] = [
  ...STACK_CASES.map(([verb]) => verb),
  ...DRAWING,
  ...APPS,
  ...MIRROR,
  ...OTHERS,
  ...SCRIPTS,
];
