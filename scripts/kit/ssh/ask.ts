import { statusWords } from "../look/status-words";
import { explainFailure, type Failure, findObstacle } from "../look/failure";
import type { Operator, SshAnswer } from "./operator";
import type { SshRun } from "./client";

type SiteMachine = ReturnType<Operator["machine"]>;

/** What came of asking one machine: its answer, or why there is none. */
export type Asked = { readonly status: "answered"; readonly answer: SshAnswer } | Failure;

/** ssh's own failure, unlike the remote command's. */
const SSH_FAILED = 255;
const NO_ROOT = /^sudo: |sudo: (not found|command not found)/m;

/** Runs a command there and never throws for a machine that is away: it is said to be asleep, offline or unreachable. */
export async function ask(
  operator: Pick<Operator, "run">,
  machine: SiteMachine,
  run: SshRun,
): Promise<Asked> {
  const { address: host, sshUser: user, sshPort: port, hostKey } = machine;
  const connection = { host, user, port, hostKey, privateKey: undefined, perDialTimeout: 0 };
  const target = { machine, connection, targets: [] };
  const obstacle = findObstacle(target);
  if (obstacle !== undefined) return obstacle;
  const answer = await operator.run(machine, run);
  const failed = answer.code === SSH_FAILED || (answer.code !== 0 && NO_ROOT.test(answer.stderr));
  return failed ? explainFailure(target, answer) : { status: "answered", answer };
}

/** One line that says why a machine was not asked; undefined where it was. */
export function renderAway(asked: Asked): string | undefined {
  switch (asked.status) {
    case "answered":
      return undefined;
    case "asleep":
      return "asleep; it was not woken";
    case "offline":
      return "offline, as the configuration says";
    default:
      return `${statusWords(asked.status)}: ${asked.error ?? "the reason is unknown"}`;
  }
}
