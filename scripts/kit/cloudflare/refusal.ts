import { z } from "zod";
import { parseJson } from "../parse-json";

/** How Cloudflare's API answers, with numbers of its own for what it refuses. */
export const answerSchema = z.looseObject({
  success: z.boolean(),
  errors: z.array(z.looseObject({ code: z.number(), message: z.string() })).prefault([]),
  result: z.unknown(),
});

/** What Cloudflare refused, in its own words. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** How Pulumi's provider tells of a request that failed: its address, its status, and Cloudflare's answer. */
const FAILED_REQUEST = /"[^"\s]*\/(?:accounts|zones)\/[^"\s]*": \d{3} [^{]*(\{.*\})/s;

/** The refusal that an error of Pulumi's provider tells of; undefined for any other error. */
export function findRefusal(message: string): Refusal | undefined {
  const answer = FAILED_REQUEST.exec(message)?.[1];
  return answer === undefined
    ? undefined
    : answerSchema.safeParse(parseJson(answer)).data?.errors[0];
}

/** "9109: Invalid access token" */
export function renderRefusal({ code, message }: Refusal): string {
  return `${code}: ${message}`;
}

const TOKEN =
  "look at accountId, zoneId and the token of vmstation:platform.tunnel: docs/platform.md#a-way-in-for-everybody says which rights the token needs";

/** Numbers by which Cloudflare refuses a token, or does not show it an account or a zone. */
const FOREIGN = [1000, 1001, 6003, 6111, 7000, 7003, 9103, 9106, 9109, 10_000, 10_001];

const ADVICE: ReadonlyMap<number, string> = new Map([
  ...FOREIGN.map((code) => [code, TOKEN] as const),
  [1013, "delete that tunnel at Cloudflare, or take another vmstation:platform.tunnel.name"],
  [
    1022,
    "wait a minute until Cloudflare has noticed that its pods are gone, then the same command again",
  ],
  [81_053, "delete that record at Cloudflare, or give what has access: public another host"],
]);

/** What to do about it; undefined where its words are all that is known. */
export function adviseOnRefusal({ code }: Refusal): string | undefined {
  return ADVICE.get(code);
}
