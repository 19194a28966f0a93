import { renderCommand } from "../advice";
import { groupByLayer, type Layer } from "../graph/layers";
import { type Component, countParts, groupParts, layOut } from "../graph/layout";
import { connectionHost } from "../stack-file/machines";
import type { Plan } from "../../engine/plan";
import { wrapMessage } from "../terminal/wrap-message";
import type { Style } from "../terminal/style";

/** The plan for people: the layers with their components, the order, the machines, the warnings. */
export function renderText(plan: Plan, style: Style): string {
  const layout = layOut(plan);
  const layers = groupByLayer(plan, layout);
  const total = layers.reduce((sum, { resources }) => sum + resources, 0);
  const sections = [
    style.bold(
      `${plan.stack}: ${count(total, "resource")}, ${count(plan.machines.length, "machine")}`,
    ),
    ...layers.map((layer) => renderLayer(layer, style)),
    `${style.bold("Order")}\n${style.wrap(renderOrder(layers), 2)}`,
    renderMachines(plan, style),
    renderWarnings(plan, style),
    renderNext(plan),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** The commands that come next, each in a line of its own, so that it can be copied. */
function renderNext({ stack }: Plan): string {
  return [
    "Nothing was changed. To compare with what exists, and to apply it:",
    `  ${renderCommand({ stack }, "preview")}`,
    `  ${renderCommand({ stack }, "up")}`,
  ].join("\n");
}

function count(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? "" : "s"}`;
}

function renderLayer({ title, components, resources }: Layer, style: Style): string {
  const heading = `${style.bold(title)} ${style.dim(count(resources, "resource"))}`;
  return [heading, ...renderComponents(components, "", style)].join("\n");
}

function renderComponents(components: Component[], indent: string, style: Style): string[] {
  return components.flatMap((component, index) => {
    const isLast = index === components.length - 1;
    const branch = `${indent}${isLast ? "└─ " : "├─ "}`;
    const below = `${indent}${isLast ? "   " : "│  "}`;
    const head = `${branch}${component.name} ${style.dim(describe(component))}`;
    const parts = groupParts(component).flatMap(({ type, names }) =>
      style.hang(below, `${type === "" ? "" : `${type}: `}${names.join(", ")}`, "  "),
    );
    return [head, ...parts, ...renderComponents(component.children, below, style)];
  });
}

function describe(component: Component): string {
  const number = countParts(component);
  const isSingle = component.parts.length === 1 && component.parts[0]?.urn === component.urn;
  return isSingle ? component.className : `${component.className}, ${String(number)}`;
}

function renderOrder(layers: Layer[]): string {
  const steps: string[] = [];
  for (const { level, title } of layers) {
    const known = steps[level];
    steps[level] = known === undefined ? title : `${known} and ${title}`;
  }
  return steps.filter((step) => step !== "").join(" → ");
}

function renderMachines(plan: Plan, style: Style): string {
  const steps = new Map<string, string[]>();
  for (const registration of plan.resources) {
    const host = connectionHost(registration);
    if (host === undefined) continue;
    steps.set(host, [...(steps.get(host) ?? []), registration.name]);
  }
  const named = plan.machines.map(({ name, address }) => ({ name, address }));
  const others = [...steps.keys()]
    .filter((host) => !named.some(({ address }) => address === host))
    .sort()
    .map((host) => ({ name: host, address: host }));
  const blocks = [...named, ...others].map(({ name, address }) => {
    const names = steps.get(address) ?? [];
    const where = style.dim(`${address}, ${count(names.length, "step")}`);
    const list = names.map((step) => step.replace(`${name}-`, "").replace(`-${name}`, ""));
    return [`${name} ${where}`, ...style.hang("  ", list.join(" → "))].join("\n");
  });
  if (blocks.length === 0) return "";
  return `${style.bold("What each machine gets, in order")}\n${blocks.join("\n")}`;
}

function renderWarnings({ warnings }: Plan, style: Style): string {
  if (warnings.length === 0) return "";
  const lines = warnings.flatMap(({ path, message }) => [
    ...(path === "" ? [] : [`  ${style.yellow(path)}`]),
    wrapMessage(`    ${message}`, style),
  ]);
  return [style.bold(count(warnings.length, "warning")), ...lines].join("\n");
}
