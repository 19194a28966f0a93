import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import {
  createEncryptionKey,
  toSecretboxKey,
} from "../../../components/bootstrap/kubeadm/encryption-key";
import { chooseSeed, countCases } from "../../support/cases";
import { recordGraph } from "../../support/mocks";

const COMPONENTS = path.join(__dirname, "../../../components");
const RUNS = { numRuns: countCases(200), seed: chooseSeed() };

const characters = fc.stringMatching(/^[A-Za-z0-9]{64}$/);

describe("the key by which kubeadm's clusters encrypt Secrets", () => {
  it("is one password, which no update replaces, and none without protection", async () => {
    let key: pulumi.Output<string> | undefined;
    const made = "aB3".repeat(21) + "z";
    const graph = await recordGraph(
      () => {
        const parent = new pulumi.ComponentResource("vmstation:bootstrap:Kubeadm", "bootstrap");
        key = createEncryptionKey("bootstrap", parent);
      },
      () => ({ result: made }),
    );
    const [, password] = graph;
    assert.ok(password && key);
    const { type, name, inputs, protect, ignoreChanges } = password;
    assert.deepEqual(
      { type, name, inputs, protect, ignoreChanges },
      {
        type: "random:index/randomPassword:RandomPassword",
        name: "bootstrap-encryption-key",
        inputs: { length: 64, special: false },
        protect: true,
        // Whatever is an input of ours is one of those.
        ignoreChanges: Object.keys(inputs),
      },
    );
    assert.equal(await pulumi.isSecret(key), true);
  });

  it("is made of all that chance has given, and is the same each time", () => {
    fc.assert(
      fc.property(characters, characters, (one, other) => {
        const key = toSecretboxKey(one);
        assert.equal(key, createHash("sha256").update(one).digest("base64"));
        assert.equal(Buffer.from(key, "base64").length, 32);
        if (one !== other) assert.notEqual(key, toSecretboxKey(other));
      }),
      RUNS,
    );
  });

  it("is itself where an earlier version has made it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const key = Buffer.from(bytes).toString("base64");
        assert.equal(toSecretboxKey(key), key);
      }),
      RUNS,
    );
  });

  it("is nothing else, which is not shown", () => {
    const isKey = (text: string): boolean =>
      /^[A-Za-z0-9]{64}$/.test(text) || /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(text);
    const almost = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9]{0,80}$/),
      fc.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      fc.stringMatching(/^[A-Za-z0-9_-]{42}[AEI]=$/),
      characters.map((text) => `${text}\n`),
      fc.tuple(characters, characters).map(([one, other]) => one + other),
      characters.map((text) => `${text.slice(1)}!`),
      fc.uint8Array({ maxLength: 48 }).map((bytes) => Buffer.from(bytes).toString("base64")),
      fc.string(),
    );
    fc.assert(
      fc.property(
        almost.filter((text) => !isKey(text)),
        (text) => {
          assert.throws(
            () => toSecretboxKey(text),
            (error: Error) =>
              error.message.startsWith("The key by which Secrets are encrypted is no such key") &&
              (text.length < 20 || !error.message.includes(text)),
          );
        },
      ),
      RUNS,
    );
  });
});

describe("what is made by chance", () => {
  it("is a password: what other resources of the provider make is their ID, which is not encrypted", () => {
    const files = readdirSync(COMPONENTS, { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ts"),
    );
    const used = files.flatMap((file) => {
      const text = readFileSync(path.join(COMPONENTS, file), "utf8");
      const from = /from "@pulumi\/random(.*)"/.exec(text);
      if (from === null) return [];
      assert.match(text, /import \* as random from "@pulumi\/random";/, file);
      return [...text.matchAll(/\brandom\.(\w+)/g)].map(([, type = ""]) => type);
    });
    assert.ok(used.length > 5);
    assert.deepEqual([...new Set(used)], ["RandomPassword"]);
  });
});
