import { z, ZodError } from "zod";
import { publicNames } from "../../../components/platform/tunnel/public-hosts";
import {
  internalRecord,
  publicRecord,
  renderTarget,
  type ZoneRecord,
} from "../../../components/platform/tunnel/records";
import type { Site } from "../../../stacks/site";
import { readSecret } from "../pulumi/read-secret";
import type { Operator } from "../ssh/operator";
import { UserError } from "../user-error";
import type { Check } from "../validation-report";
import { askCloudflare, RefusedError } from "./api";
import { adviseOnRefusal, renderRefusal } from "./refusal";

const ABOUT = {
  group: "platform",
  name: "Cloudflare",
  expected: "the tunnel is at Cloudflare, and a record leads to it for each public name",
};

const AGAIN = "npx vmstation refresh, then npx vmstation up";

const tunnelsSchema = z.array(z.looseObject({ id: z.string(), name: z.string() }));
const recordsSchema = z.array(
  z.looseObject({
    ...{ name: z.string(), type: z.string(), content: z.string() },
    proxied: z.boolean().prefault(false),
  }),
);
type Known = z.output<typeof recordsSchema>;

/** What the stack has at Cloudflare. */
interface Described {
  readonly accountId: string;
  readonly zoneId: string;
  readonly name: string;
  readonly records: (tunnel: string) => readonly ZoneRecord<string>[];
}

/**
 * What Cloudflare has of the tunnel. Asked from here: the checks on the controller have no token. Undefined where the
 * stack has no tunnel.
 */
export async function checkTunnel(
  operator: Pick<Operator, "project" | "stack" | "site">,
  configFile: string | undefined,
  read: typeof readSecret = readSecret,
): Promise<Check | undefined> {
  const { project, stack, site } = operator;
  const { tunnel } = site.config.platform ?? {};
  if (tunnel === undefined) return undefined;
  try {
    const token = await read(tunnel.tokenSecret, { project, stack, configFile });
    return await look({ ...tunnel, records: (id) => listRecords(site, id) }, token);
  } catch (error) {
    return judgeError(error);
  }
}

function listRecords({ config, facts, platform }: Site, tunnel: string): ZoneRecord<string>[] {
  const { domain, internalDomain = config.lan.domain, tunnel: described } = config.platform ?? {};
  const names = publicNames(facts.hosts, { domain, internalDomain });
  const { ingress } = platform?.offers ?? {};
  const hasInternal = described?.internalRecord === true && ingress !== undefined;
  return [
    ...names.map((name) => publicRecord(name, renderTarget(tunnel))),
    ...(hasInternal ? [internalRecord(internalDomain, ingress.address)] : []),
  ];
}

async function look(described: Described, token: string): Promise<Check> {
  const { accountId, zoneId, name } = described;
  const wanted = `name=${encodeURIComponent(name)}&is_deleted=false`;
  const known = tunnelsSchema.parse(
    await askCloudflare(`accounts/${accountId}/cfd_tunnel?${wanted}`, token),
  );
  const tunnel = known.find((each) => each.name === name);
  if (tunnel === undefined)
    return { ...ABOUT, status: "fail", found: `there is no tunnel ${name}`, advice: AGAIN };
  const records = described.records(tunnel.id);
  const found = await Promise.all(
    records.map(async (record) => {
      const path = `zones/${zoneId}/dns_records?name=${encodeURIComponent(record.name)}`;
      return compareRecord(record, recordsSchema.parse(await askCloudflare(path, token)));
    }),
  );
  const bad = found.flat();
  if (bad.length > 0) return { ...ABOUT, status: "fail", found: bad.join("; "), advice: AGAIN };
  return {
    ...ABOUT,
    status: "pass",
    found: `the tunnel and ${records.length} records`,
    advice: "",
  };
}

/** A name may have other records, such as TXT, beside the one that says where it leads. */
function compareRecord(
  { name, type, content, proxied }: ZoneRecord<string>,
  known: Known,
): string[] {
  const leading = known.filter((each) => ["A", "AAAA", "CNAME"].includes(each.type));
  const own = leading.find((each) => each.type === type && each.content === content);
  if (own?.proxied === proxied) return [];
  if (own !== undefined) return [`${name} is ${proxied ? "not " : ""}proxied`];
  const others = leading.map((each) => each.content).join(", ");
  return [others === "" ? `${name} has no record` : `${name} leads to ${others}`];
}

/** What Cloudflare refuses is wrong; what it could not be asked is not known. */
function judgeError(error: unknown): Check {
  if (error instanceof RefusedError)
    return {
      ...{ ...ABOUT, status: "fail", found: renderRefusal(error.refusal) },
      advice: adviseOnRefusal(error.refusal) ?? "look at the token's rights at Cloudflare",
    };
  if (error instanceof ZodError)
    return {
      ...ABOUT,
      status: "error",
      found: "Cloudflare: an answer that cannot be read",
      advice: "",
    };
  if (error instanceof UserError)
    return { ...ABOUT, status: "error", found: error.message, advice: "" };
  throw error;
}
