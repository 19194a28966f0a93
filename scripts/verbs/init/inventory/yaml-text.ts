import { isDeepStrictEqual } from "node:util";
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { EXIT, UserError } from "../../../kit/user-error";
import { parseJson } from "../../../kit/parse-json";
import { resolvePlain } from "./yaml-scalar";
import {
  isValueMap,
  mergeVariables,
  Opaque,
  show,
  type Value,
  VAULT,
  type ValueMap,
} from "./values";

const CORE = "tag:yaml.org,2002:";

/**
 * A YAML or JSON file as Ansible reads it, which is not how others do: YAML 1.1 (yes is true, 0644 is octal,
 * 22:30 a number), merge keys, of a key that stands there twice the last one, and Ansible's own tags.
 */
export function readYaml(file: string, text: string): Value {
  const json = parseJson(text);
  if (json !== undefined) return fromJson(json);
  const counter = new LineCounter();
  const document = parseDocument(text, {
    ...{ version: "1.1", schema: "failsafe", merge: false, uniqueKeys: false },
    ...{ lineCounter: counter, prettyErrors: false, logLevel: "silent" },
  });
  const lineOf = (offset: number): number => counter.linePos(offset).line;
  const mistakes = document.errors.map(
    ({ pos, message }) => `${file}:${lineOf(pos[0])}: ${message}`,
  );
  if (mistakes.length > 0) throw new UserError(mistakes.join("\n"), EXIT.fail);
  return new YamlReader(file, document, lineOf).read();
}

/** JSON's own way to hold Ansible's tags. */
function fromJson(json: unknown): Value {
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json !== "object" || json === null) {
    return typeof json === "string" || typeof json === "number" || typeof json === "boolean"
      ? json
      : null;
  }
  const entries = Object.entries(json).map(([key, value]) => [key, fromJson(value)] as const);
  const [first] = entries;
  if (first?.[0] === "__ansible_vault") return VAULT;
  if (first?.[0] === "__ansible_unsafe") return first[1];
  return new Map<Value, Value>(entries);
}

class YamlReader {
  /** What is being read now: an alias to it would have no end. */
  private readonly open = new Set<Node>();

  constructor(
    private readonly file: string,
    private readonly document: Document,
    private readonly lineOf: (offset: number) => number,
  ) {}

  read(): Value {
    const anchors = new Set<string>();
    visit(this.document, {
      Node: (_, node) => {
        if (isAlias(node) || !("anchor" in node) || node.anchor === undefined) return;
        const name = node.anchor;
        if (anchors.has(name)) this.refuse(node, `the anchor &${name} is there more than once`);
        anchors.add(name);
      },
    });
    return this.valueOf(this.document.contents);
  }

  private valueOf(written: unknown): Value {
    const node = this.follow(written);
    if (node === undefined) return null;
    if (this.open.has(node)) this.refuse(node, "an alias refers to a value that contains it");
    this.open.add(node);
    try {
      return this.tagged(node);
    } finally {
      this.open.delete(node);
    }
  }

  /** The node itself, or what an alias stands for. */
  private follow(written: unknown): Node | undefined {
    if (isAlias(written)) {
      return written.resolve(this.document) ?? this.refuse(written, "an alias leads nowhere");
    }
    return isMap(written) || isSeq(written) || isScalar(written) ? written : undefined;
  }

  private tagged(node: Node): Value {
    const tag = isMap(node) || isSeq(node) || isScalar(node) ? node.tag : undefined;
    if (tag === "!vault" || tag === "!vault-encrypted") return VAULT;
    // "!" alone has the value resolved as if it stood there plain.
    if (tag === "!" && isScalar(node)) return resolvePlain(String(node.value)) ?? null;
    if (tag === undefined || tag === "!unsafe" || tag === "!") return this.plain(node, tag);
    if (!tag.startsWith(CORE)) return this.refuse(node, `the tag ${tag} is not known`);
    const name = tag.slice(CORE.length);
    if (["map", "seq"].includes(name)) return this.plain(node, undefined);
    if (!isScalar(node)) return new Opaque(`tagged ${name}`);
    if (name === "str") return String(node.value);
    const value = resolvePlain(String(node.value), name);
    return value ?? (name === "null" ? null : new Opaque(`tagged ${name}`));
  }

  private plain(node: Node, tag: string | undefined): Value {
    if (isMap(node)) return this.mapOf(node);
    if (isSeq(node)) return node.items.map((item) => this.valueOf(item));
    if (!isScalar(node)) return null;
    const text = typeof node.value === "string" ? node.value : "";
    const isPlain = node.type === undefined || node.type === Scalar.PLAIN;
    if (!isPlain || tag !== undefined) return text;
    const value = resolvePlain(text);
    return value === undefined ? this.refuse(node, `${text} is no value here`) : value;
  }

  private mapOf(map: YAMLMap): ValueMap {
    const own = new Map<Value, Value>();
    const merged: ValueMap[] = [];
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) merged.push(...this.mergedMaps(value, map));
      else own.set(this.keyOf(key, map), this.valueOf(value));
    }
    const inherited = new Map<Value, Value>();
    for (const [key, value] of merged.flatMap((each) => [...each])) {
      // Versions of PyYAML differ in which of them they take.
      if (!own.has(key) && inherited.has(key) && !isDeepStrictEqual(inherited.get(key), value)) {
        this.refuse(map, `two merged maps differ in ${show(key)}: set it in the map that needs it`);
      }
      inherited.set(key, value);
    }
    return mergeVariables([inherited, own]);
  }

  private mergedMaps(value: unknown, map: YAMLMap): ValueMap[] {
    const found = this.valueOf(value);
    const maps: readonly Value[] = Array.isArray(found) ? found : [found];
    return maps.map((each) =>
      isValueMap(each) ? each : this.refuse(map, "<< takes a map, or a list of maps"),
    );
  }

  private keyOf(key: unknown, map: YAMLMap): Value {
    if (isScalar(key) && key.value === "=" && key.type === Scalar.PLAIN) return "=";
    const value = this.valueOf(key);
    if (isValueMap(value) || Array.isArray(value))
      this.refuse(map, "a map's key is no map and no list");
    return value;
  }

  private refuse(node: Node, what: string): never {
    const line = node.range ? `:${this.lineOf(node.range[0])}` : "";
    throw new UserError(`${this.file}${line}: ${what}`, EXIT.fail);
  }
}

/** Only without quotation marks. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === "<<" && key.type === Scalar.PLAIN && key.tag === undefined;
}
