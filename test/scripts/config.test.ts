import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import Ajv from "ajv";
import fc from "fast-check";
import { parse } from "yaml";
import { z } from "zod";
import { renderExplanation } from "../../scripts/verbs/config/explain";
import { renderStackSchema } from "../../scripts/verbs/config/json-schema";
import { listRows, readSchema } from "../../scripts/verbs/config/rows";
import { Style } from "../../scripts/kit/terminal/style";
import { stackSchema } from "../../stacks/schema";
import { vmstation } from "../support/command-line";
import { countCases } from "../support/cases";

const ROOT = path.join(__dirname, "../..");
const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

const stackFile = z.object({ config: z.record(z.string(), z.unknown()) });
const readStack = (file: string) => stackFile.parse(parse(read(file)));
const lanSchema = z.looseObject({});
const STACKS = [
  readStack("test/support/fixtures/homelab.yaml"),
  readStack("test/rig/Pulumi.rig.yaml"),
] as const;

describe("the keys of the configuration", () => {
  it("are each described", () => {
    const layers = Object.entries(readSchema(stackSchema).properties ?? {});
    const silent = layers.flatMap(([layer, schema]) =>
      listRows("", schema)
        // What a user puts under a name of their own is described where the map is.
        .filter(({ key, about }) => about === "" && key !== "" && !key.endsWith(".NAME"))
        .map(({ key }) => `${layer}.${key}`),
    );
    assert.deepEqual(silent, []);
  });

  it("are explained one by one, and a wrong one is answered with those that there are", () => {
    const style = new Style(false, 80);
    const explain = (key: string): string => renderExplanation(stackSchema, key, style);
    assert.match(explain("lan"), /^cidr <text> required\n {4}The LAN's network$/m);
    assert.match(explain("machines.NAME.mounts"), /^NAME\.mounts\.NAME\.options <list of text>$/m);
    assert.doesNotMatch(explain("machines.NAME.mounts"), /hostKey/);
    assert.throws(
      () => explain("machins"),
      /no key vmstation:machins[^]*lan, remote, hypervisor, machines/,
    );
    assert.throws(
      () => explain("lan.cider"),
      /no key vmstation:lan\.cider[^]*vmstation config lan/,
    );
  });

  it("are explained by the command, within 80 columns", async () => {
    const { status, stdout } = await vmstation("config", "power");
    assert.equal(status, 0);
    assert.match(stdout, /^vmstation:power\n/);
    assert.equal((await vmstation("config", "nothing")).status, 2);
  });
});

describe("the JSON Schema of a stack's file", () => {
  const accepts = new Ajv({ strict: false, logger: false }).compile(renderStackSchema(stackSchema));
  const refused = (stack: unknown): string => {
    accepts(stack);
    return JSON.stringify(accepts.errors);
  };

  it("is the one in docs/stack.schema.json, and each stack names it", async () => {
    const { stdout } = await vmstation("config", "--schema");
    assert.ok(read("docs/stack.schema.json") === stdout, "write it again: npm run docs");
    for (const file of readdirSync(ROOT).filter((each) => /^Pulumi\..+\.yaml$/.test(each)))
      assert.match(
        read(file),
        /^# yaml-language-server: \$schema=docs\/stack\.schema\.json$/m,
        file,
      );
  });

  it("accepts the stacks that are here, with secrets and keys of providers", () => {
    for (const stack of STACKS) assert.ok(accepts(stack), refused(stack));
    const [{ config }] = STACKS;
    const more = { "vmstation:bmcPassword": { secure: "v1:x" }, "kubernetes:context": "y" };
    const stack = { config: { ...config, ...more }, encryptionsalt: "v1:z" };
    assert.ok(accepts(stack), refused(stack));
  });

  it("refuses a misspelt layer, a misspelt key and a value of another kind", () => {
    const [{ config }] = STACKS;
    for (const change of [
      { "vmstation:machins": {} },
      { "vmstation:lan": { ...lanSchema.parse(config["vmstation:lan"]), cider: "10.0.0.0/24" } },
      { "vmstation:validation": { preflight: [] } },
    ]) {
      assert.equal(accepts({ config: { ...config, ...change } }), false, JSON.stringify(change));
    }
  });

  it("never refuses what the program accepts", () => {
    const stack = fc.constantFrom(...STACKS);
    const value = fc.oneof(
      fc.constantFrom<unknown>(true, false, 0, 1, 8, 6443, "1h", "5Gi", "10.0.0.1", "a", null),
      fc.constantFrom<unknown>([], {}, ["a"], "10.0.0.0/24", "none", "debian-12", "23:00"),
      fc.string(),
      fc.double(),
    );
    fc.assert(
      fc.property(stack, fc.nat(), value, ({ config }, at, changed) => {
        const whole = structuredClone(layersOf(config));
        const places = placesIn(whole);
        const place = places[at % places.length];
        if (place === undefined) return;
        Reflect.set(place.holder, place.key, changed);
        if (!stackSchema.safeParse(whole).success) return;
        const written = { config: keysOf(whole) };
        assert.ok(accepts(written), `${place.key}: ${refused(written)}`);
      }),
      { numRuns: countCases(300) },
    );
  });
});

function layersOf(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known = Object.keys(stackSchema.shape);
  return Object.fromEntries(
    Object.entries(config)
      .map(([key, value]) => [key.replace(/^vmstation:/, ""), value] as const)
      .filter(([key]) => known.includes(key)),
  );
}

function keysOf(layers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(layers).map(([layer, value]) => [`vmstation:${layer}`, value]),
  );
}

interface Place {
  readonly holder: object;
  readonly key: string;
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    { holder: value, key },
    ...placesIn(inner),
  ]);
}
