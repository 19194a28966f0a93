import type { PlannerAnswer } from "./planner";

export function renderAnswer(machine: string, { steps, refused }: PlannerAnswer): string {
  if (refused !== null) return `up will be refused: ${refused.why}\nto do: ${refused.advice}\n`;
  if (steps.length === 0) return "The cluster matches the configuration. No playbook has to run.\n";
  const list = steps.map((one, i) => `  ${i + 1}. ${one}\n`).join("");
  return `Playbooks that ${machine} will run:\n${list}`;
}
