import { renderCommand } from "../../advice";
import { adviseOnRefusal, findRefusal, renderRefusal } from "../../cloudflare/refusal";
import { nameOf } from "./events";

/** A failure in words for the person who has to mend it. */
export interface Explanation {
  readonly cause: string;
  /** What to do; undefined where the cause is all that is known. */
  readonly advice?: string | undefined;
}

/** Lines of an error that nobody has explained. */
const LAST_LINES = 12;

/** What the command provider puts before the command's own words. */
const COMMAND = /^(?:Process exited with status|exit status) \d+: running ".*?":\n/s;

/** A failed step's own words: see `fail` in components/remote/files/main.sh. */
const STEP = /^vmstation: [\w.-]+: (.*)$/m;
const TO_DO = /^ {2}to do: (.*)$/m;

const KNOWN: readonly (readonly [sign: RegExp, explanation: Explanation])[] = [
  [
    /^sudo: (?:a password is required|a terminal is required)/m,
    {
      cause: "the SSH user cannot use sudo without a password",
      advice: "allow it; see docs/going-live.md#sudo",
    },
  ],
  [
    /sudo: (?:command )?not found|sudo: not found/,
    { cause: "there is no sudo on the machine", advice: "install it there, as root" },
  ],
  [
    // Proxmox's words where the update would take a machine out that somebody has taken out already.
    /cannot delete service '[^']*', not HA managed/,
    {
      cause: "somebody has taken the machine out of Proxmox's high availability already",
      advice: "npx vmstation refresh, then the same command again",
    },
  ],
  [
    // Its provider looks at the token's characters and length before it asks anybody.
    /API tokens must only contain characters/,
    {
      cause: "the token of vmstation:platform.tunnel.tokenSecret is no API token of Cloudflare",
      advice:
        "copy it whole, without blanks: npx vmstation pulumi config set --secret vmstation:NAME, then the same command again",
    },
  ],
  [
    /attempted methods \[none\]/,
    {
      cause: "there is no SSH key to log in with",
      advice: "load your key into an SSH agent: eval $(ssh-agent) && ssh-add",
    },
  ],
  [
    /unable to authenticate/,
    {
      cause: "the machine does not accept the key",
      advice: "check that 'ssh-add -l' lists a key that the machine accepts",
    },
  ],
];

/** Turns a failed resource's message into its cause and what to do. */
export function explain(message: string): Explanation {
  const said = message.replace(COMMAND, "").trim();
  const known = KNOWN.find(([sign]) => sign.test(said));
  if (known !== undefined) return known[1];
  const refusal = findRefusal(said);
  if (refusal !== undefined)
    return { cause: `Cloudflare: ${renderRefusal(refusal)}`, advice: adviseOnRefusal(refusal) };
  const advice = TO_DO.exec(said)?.[1];
  const own = STEP.exec(said);
  if (own === null) return { cause: lastLines(said), advice };
  // The output of the step's programs comes before the step's own message.
  const before = lastLines(said.slice(0, own.index).trim());
  return { cause: [own[1] ?? "", before].filter((text) => text !== "").join("\n"), advice };
}

function lastLines(text: string): string {
  return text.split("\n").slice(-LAST_LINES).join("\n");
}

/** The SDK's mark for a value that is not known yet, here for the id of a provider that was skipped. */
const NOT_KNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * Whether an error only follows from another one. After a failed step the engine skips the Kubernetes provider, which
 * waits for that step, and then calls it unknown. A provider that has an id and is unknown is a fault of its own.
 */
export function isConsequence(message: string): boolean {
  const provider = /unknown provider '([^']*)' for resource/.exec(message)?.[1];
  return provider?.endsWith(`::${NOT_KNOWN}`) === true || message.trim() === "update failed";
}

/** The engine's own advice on what a killed run has left is about clouds; this is about machines. */
export function rewriteWarning(message: string): string | undefined {
  if (message.startsWith("using pulumi-resource-")) return undefined;
  const pending = [...message.matchAll(/^ {2}\* (\S+), interrupted while/gm)];
  if (pending.length > 0)
    return (
      `An earlier update was interrupted while it worked on ${pending.map(([, urn = ""]) => nameOf(urn)).join(", ")}. Each ` +
      "step continues from there when it runs again. If this warning appears again, see docs/interrupted.md."
    );
  return message.trim();
}

/** What to do about a failure of the CLI itself, before the engine has begun; undefined where its own words suffice. */
export function adviseOnCli(said: string, stack: string): string | undefined {
  if (said.includes("the stack is currently locked"))
    return (
      "Another update of this stack is running, or one was killed. If you are sure that none is running: " +
      `${renderCommand({ stack }, "pulumi", "cancel")}, then retry (docs/interrupted.md).`
    );
  if (/incorrect passphrase|passphrase must be set/.test(said))
    return (
      "The stack's secrets were encrypted with another passphrase. Set PULUMI_CONFIG_PASSPHRASE, or copy " +
      ".vmstation/ from the computer that created the stack."
    );
  return undefined;
}
