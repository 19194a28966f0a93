import { renderCommand } from "../../kit/advice";
import { readScript } from "../../../components/remote/step";
import { printable } from "../../kit/terminal/printable";
import type { Project } from "../../kit/stack-file/project";
import { askStack } from "../../kit/pulumi/ask-stack";
import { ask, renderAway } from "../../kit/ssh/ask";
import type { Operator } from "../../kit/ssh/operator";
import { UserError } from "../../kit/user-error";

/** Where a kubeconfig came from: the stack's output, or the control plane itself. */
export interface FoundKubeconfig {
  readonly text: string;
  readonly source: string;
}

const NOT_THERE = 127;

/** The stack's output, where the CLI and a state are here; undefined else. Nothing is fetched and no stack is made. */
export async function readFromStack(
  project: Project,
  stack: string,
  onNote: (line: string) => void,
): Promise<FoundKubeconfig | undefined> {
  try {
    const text = await readOutput(project, stack);
    return text === undefined ? undefined : { text, source: `the stack ${stack}` };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    onNote(`The state was not read (${error.message}). Asking the control plane instead.\n`);
    return undefined;
  }
}

async function readOutput(project: Project, stack: string): Promise<string | undefined> {
  const args = ["stack", "output", "kubeconfig", "--show-secrets"];
  const answer = await askStack({ project, stack, args });
  return answer?.code === 0 && answer.stdout.trim() !== "" ? answer.stdout : undefined;
}

/** What the control plane itself has. */
export async function readFromMachine(operator: Operator): Promise<FoundKubeconfig> {
  const { controller, stack } = operator;
  const asked = await ask(operator, controller, {
    command: "sudo -n sh -eus",
    input: readScript(__dirname, "files/read-kubeconfig.sh"),
  });
  if (asked.status !== "answered") {
    throw new UserError(`${controller.name}: ${printable(renderAway(asked) ?? "")}`);
  }
  const { code, stdout, stderr } = asked.answer;
  if (code === NOT_THERE) {
    throw new UserError(
      `There is no cluster on ${controller.name} yet. Run: ${renderCommand({ stack }, "up")}`,
    );
  }
  if (code === 0) return { text: stdout, source: controller.name };
  throw new UserError(`${controller.name}: ${printable(stderr.trim())}`);
}
