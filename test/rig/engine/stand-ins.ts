import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { z } from "zod";
import { revealMap } from "../../../scripts/engine/inspect";
import { Secret, type PropertyMap } from "../../../scripts/engine/values";

/** What a provider answers when it has made a resource. */
export interface Made {
  readonly id: string;
  readonly outputs: PropertyMap;
}

const CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const LengthInputs = z.object({ length: z.int().positive() });

/**
 * Answers for the providers that are not there. Random passwords are made once and kept. Everything
 * else, such as what is in Kubernetes, is only recorded: nothing is done, and its outputs are its
 * inputs.
 */
export function makeStandIn(type: string, name: string, inputs: PropertyMap): Made {
  if (type.startsWith("random:")) return makeRandom(type, inputs);
  const id = type.startsWith("pulumi:providers:") ? randomUUID() : name;
  return { id, outputs: inputs };
}

function makeRandom(type: string, inputs: PropertyMap): Made {
  if (type !== "random:index/randomPassword:RandomPassword")
    throw new Error(`the runner under test/rig makes no ${type}`);
  const { length } = LengthInputs.parse(revealMap(inputs));
  const characters = Array.from({ length }, () => CHARACTERS[randomInt(CHARACTERS.length)] ?? "");
  const outputs = { ...inputs, result: new Secret(characters.join("")) };
  return { id: randomBytes(4).toString("hex"), outputs };
}
