import { renderCommand } from "../../kit/advice";
import { Document, isMap, isScalar, Scalar, visit } from "yaml";
import { DEFAULT_METHOD } from "../../../components/bootstrap/methods";
import { printable } from "../../kit/terminal/printable";
import { applySetting, type Setting } from "../../kit/stack-file/setting";
import type { Composed } from "./compose";
import { withoutDefaults } from "./without-defaults";

export interface RenderFileArgs {
  readonly composed: Composed;
  readonly stack: string;
  /** Where the machines' names came from, for the first line. */
  readonly origin: string;
  /** What the user sets beside what was found. */
  readonly settings: readonly Setting[];
}

const PROJECT = "vmstation";

/** The configuration by layer, as it will stand in the file. */
export function renderConfig({ composed, stack, settings }: RenderFileArgs): Map<string, unknown> {
  const { first, timeZone, machines, lan, cluster } = composed;
  const layers = {
    cluster: { name: stack },
    lan: { ...lan, ...(timeZone === undefined || timeZone === "UTC" ? {} : { timeZone }) },
    machines: Object.fromEntries(machines.map(({ name, config }) => [name, config])),
    node: { timeServer: first, logServer: first },
    bootstrap: {
      method: DEFAULT_METHOD.name,
      ...(cluster === undefined ? {} : { existing: "refuse" }),
    },
    monitoring: { machine: first },
  };
  const config = new Map<string, unknown>(
    Object.entries(layers).map(([layer, value]) => [`${PROJECT}:${layer}`, value]),
  );
  for (const setting of settings) applySetting(config, PROJECT, setting);
  return config;
}

/** The stack's file, with comments that say what was found and what is left to decide. */
export function renderFile(args: RenderFileArgs): string {
  const { composed, stack, origin } = args;
  const config = withoutDefaults(renderConfig(args), listKept(args));
  const document = new Document({ config: Object.fromEntries(config) });
  document.commentBefore =
    " yaml-language-server: $schema=docs/stack.schema.json\n" +
    ` The stack ${stack}: what \`vmstation init\` found on the machines of ${origin}.\n` +
    ` All keys are in docs/configuration.md. To see the plan: ${renderCommand({ stack }, "plan")}\n` +
    ` A key that ends in Secret names a secret. To set it: ${renderCommand({ stack }, "pulumi", "config", "set", "--secret", "vmstation:NAME")}`;
  visit(document, {
    Scalar(key, node) {
      // A MAC or a UUID of digits alone would be a number to some readers of YAML.
      if (
        key === "value" &&
        typeof node.value === "string" &&
        /^[\d:a-fA-F-]{8,}$/.test(node.value)
      )
        node.type = Scalar.QUOTE_DOUBLE;
    },
    Map(key, node) {
      if (
        key === "value" &&
        node.items.every(({ value }) => isScalar(value)) &&
        isShort(node.toJSON())
      )
        node.flow = true;
    },
    Seq(_, node) {
      node.flow = true;
    },
  });
  spaceLayers(document);
  for (const { name, comments } of composed.machines) {
    commentOn(document, [`${PROJECT}:machines`], name, comments);
  }
  if (composed.cluster !== undefined) {
    commentOn(document, [`${PROJECT}:bootstrap`], "existing", [
      `A cluster runs on ${composed.cluster}: refuse stops there, adopt keeps it and manages it`,
    ]);
  }
  return document.toString({ lineWidth: 0 });
}

/** Keys that stay although they say what holds anyway: what the user set, and what has to be decided. */
function listKept({ settings, composed }: RenderFileArgs): string[] {
  const asked = settings.map(({ path }) => path.join("."));
  return [...asked, ...(composed.cluster === undefined ? [] : ["bootstrap.existing"])];
}

/** Mounts' sources, power and the like stand on one line; what names a layer or a machine does not. */
function isShort(value: unknown): boolean {
  const text = JSON.stringify(value);
  return text.length < 60 && /^\{"(uuid|label|device|nfs|server|mode|readOnly|clients)"/.test(text);
}

function spaceLayers(document: Document): void {
  const config = document.get("config", true);
  if (!isMap(config)) return;
  for (const [index, { key, value }] of config.items.entries()) {
    if (index > 0 && isScalar(key)) key.spaceBefore = true;
    if (isScalar(key) && key.value === `${PROJECT}:machines` && isMap(value)) {
      for (const machine of value.items.slice(1)) {
        if (isScalar(machine.key)) machine.key.spaceBefore = true;
      }
    }
  }
}

function commentOn(
  document: Document,
  path: readonly string[],
  key: string,
  lines: readonly string[],
): void {
  const map = document.getIn(["config", ...path], true);
  if (!isMap(map)) return;
  const pair = map.items.find((item) => isScalar(item.key) && item.key.value === key);
  if (!isScalar(pair?.key) || lines.length === 0) return;
  // What a machine said may contain any character, such as a disk's label.
  const safe = lines.map((line) => printable(line).replaceAll("\n", " "));
  pair.key.commentBefore = safe.map((line) => ` ${line}`).join("\n");
}
