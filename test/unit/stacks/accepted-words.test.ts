import assert from "node:assert/strict";
import { parse } from "yaml";
import { acceptedBy, listProblems } from "../../../stacks/errors";
import { stackSchema } from "../../../stacks/schema";
import { homelabValues } from "../../support/homelab";

/** Each place of a map or list of the configuration, as its path. */
function placesIn(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [...path, key],
    ...placesIn(inner, [...path, key]),
  ]);
}

/** Many keys that the tests' homelab leaves at their defaults. */
const MORE = {
  remote: { dialAttempts: 3, dialTimeout: "5s" },
  backup: { enabled: true, hold: "1h" },
  network: { mtu: 1400, podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/12" },
  power: { calendar: [{ machines: ["hazel"], from: "18:00", until: "23:30" }] },
  validation: { preflight: { kernel: "5.10" } },
};

function put(target: unknown, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (typeof target !== "object" || target === null) return;
  if (rest.length === 0) Reflect.set(target, key, value);
  else put(Reflect.get(target, key), rest, value);
}

function problemsWith(path: readonly string[], value: unknown) {
  const config = { ...homelabValues(), ...structuredClone(MORE) };
  put(config, path, value);
  const parsed = stackSchema.safeParse(config, { error: acceptedBy });
  return parsed.success ? [] : listProblems(parsed.error, config);
}

const WRONG = [[], {}, "\u0007", 5.5, true, null, undefined, [[]]];
const PLACES = placesIn({ ...homelabValues(), ...MORE });

describe("what is accepted instead of a wrong value", () => {
  const all = PLACES.flatMap((path) => WRONG.flatMap((value) => problemsWith(path, value)));

  it("is said in words of the file's author, never in those of a schema", () => {
    assert.ok(all.length > 500);
    const said = [...new Set(all.map(({ accepted }) => accepted))];
    const internal = /\b(array|record|object|string|int|NaN|undefined|of them)\b|^Invalid|ZodError/;
    assert.deepEqual(
      said.filter((words) => internal.test(words) || words === ""),
      [],
    );
  });

  it("comes with an example, which is accepted where it shows no gap", () => {
    const examples = all.flatMap(({ path, accepted }) => {
      const text = /^a (?:list|map) such as (.*)$/.exec(accepted)?.[1];
      return text === undefined || text.includes("…") ? [] : [`${path}\n${text}`];
    });
    assert.ok(new Set(examples).size > 20);
    for (const each of new Set(examples)) {
      const [path = "", text = ""] = each.split("\n");
      const keys = PLACES.find((place) => place.join(".") === path.replace(/\[(\d+)\]/g, ".$1"));
      if (keys === undefined) continue;
      const value: unknown = parse(text);
      assert.deepEqual(problemsWith(keys, value), [], each);
    }
  });
});
