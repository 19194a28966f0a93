import { z } from "zod";
import type { Project } from "../../kit/stack-file/project";
import type { StackConfig } from "../../kit/stack-file/stack-config";
import { askStack } from "../../kit/pulumi/ask-stack";
import { UserError } from "../../kit/user-error";
import { LAYERS } from "../../../stacks/check";

const objectsSchema = z.object({ items: z.array(z.unknown()) });
const objectSchema = z.object({ data: z.record(z.string(), z.string()).nullish() });

/** Values of Secret objects, and whether all of them were understood. */
export interface SecretObjects {
  readonly values: readonly string[];
  readonly areAll: boolean;
}

/** The Secret objects that `kubectl get secrets -o json` tells: one that is not understood hides no other. */
export function parseSecretObjects(text: string): SecretObjects {
  const { data: list } = objectsSchema.safeParse(parseJson(text));
  const objects = (list?.items ?? []).map((item) => objectSchema.safeParse(item).data);
  const values = objects.flatMap((object) =>
    Object.values(object?.data ?? {}).map((value) => Buffer.from(value, "base64").toString("utf8")),
  );
  return { values, areAll: list !== undefined && !objects.includes(undefined) };
}

/** A file's lines, and of lines such as "key: value" the value as well. Short ones and sentences are none. */
export function parseSecretFiles(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const word = line.trim();
    const value = /^[\w.-]+\s*[:=]\s*["']?([^\s"']+)["']?$/.exec(word)?.[1];
    return [word, value ?? ""].filter((each) => each.length >= 6 && !/\s/.test(each));
  });
}

/** Flat keys of the stack's file whose value stands there as it is. */
export function listPlainSecrets(config: StackConfig, project: string): string[] {
  return [...config].flatMap(([key, value]) => {
    const [namespace, name = ""] = key.split(":");
    const isFlat = namespace === project && !LAYERS.includes(name);
    return isFlat && typeof value === "string" ? [value] : [];
  });
}

const decryptedSchema = z.record(
  z.string(),
  z.object({ value: z.string().optional(), secret: z.boolean() }),
);

/** What the stack's file encrypts, where the CLI and what decrypts it are here. */
export async function decryptSecrets(project: Project, stack: string): Promise<string[]> {
  const args = ["config", "--show-secrets", "--json"];
  const answer = await askStack({ project, stack, args, withConfig: true }).catch(
    (error: unknown) => {
      if (error instanceof UserError) return undefined;
      throw error;
    },
  );
  const { data } = decryptedSchema.safeParse(parseJson(answer?.stdout ?? ""));
  return Object.values(data ?? {}).flatMap(({ value, secret }) =>
    secret && value !== undefined ? [value] : [],
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
