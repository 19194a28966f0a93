import { parseJson } from "../parse-json";
import { UserError } from "../user-error";
import { answerSchema, type Refusal, renderRefusal } from "./refusal";

/** Of Pulumi's provider as well: https://developers.cloudflare.com/api */
const ADDRESS = "https://api.cloudflare.com/client/v4/";

/** Milliseconds for one answer. */
const PATIENCE = 20_000;

/** Cloudflare has answered, and refuses. */
export class RefusedError extends UserError {
  constructor(readonly refusal: Refusal) {
    super(`Cloudflare: ${renderRefusal(refusal)}`);
  }
}

/** Asks Cloudflare's API for what is at a path, without changing anything. Every error is a UserError, without the token. */
export async function askCloudflare(
  path: string,
  token: string,
  address = process.env.CLOUDFLARE_BASE_URL ?? ADDRESS,
): Promise<unknown> {
  const { status, text } = await fetch(`${address.replace(/\/$/, "")}/${path}`, {
    headers: { authorization: `Bearer ${token}` },
    redirect: "error",
    signal: AbortSignal.timeout(PATIENCE),
  })
    .then(async (answer) => ({ status: answer.status, text: await answer.text() }))
    .catch((error: unknown) => {
      throw new UserError(`Cloudflare does not answer at ${address}: ${describe(error)}`);
    });
  const parsed = answerSchema.safeParse(parseJson(text)).data;
  const refusal = parsed?.errors[0];
  if (refusal !== undefined) throw new RefusedError(refusal);
  if (parsed?.success !== true)
    throw new UserError(`Cloudflare: ${status} and no answer that can be read`);
  return parsed.result;
}

/** Why a request failed: its cause has the words of the network. */
function describe(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
