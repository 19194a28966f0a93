import type { TailnetConfig } from "./config";

/**
 * What the tailnet's policy file has to hold, so that the device gets its tags, its routes are taken without a click, and
 * people's own devices reach them. A device with a tag, which belongs to nobody, does not.
 * Headscale knows no administrators among its users and refuses a policy that names them. Nobody has to own a tag there:
 * the key, which is made on the server, brings it.
 */
export function renderPolicy(
  { tags, loginServer }: Pick<TailnetConfig, "tags" | "loginServer">,
  routes: readonly string[],
): string {
  const owner = loginServer === undefined ? ["autogroup:admin"] : [];
  const owners = Object.fromEntries(tags.map((tag) => [tag, owner]));
  const approvers = Object.fromEntries(routes.map((route) => [route, [...tags]]));
  const grants = [{ src: ["autogroup:member"], dst: routes, ip: ["*"] }];
  return JSON.stringify({ tagOwners: owners, autoApprovers: { routes: approvers }, grants });
}

/** What `TS_AUTHKEY` holds: an OAuth client's secret says how the key is that it makes. */
export function renderAuthKey(secret: string, path: string): string {
  const key = secret.trim();
  if (!/^(tskey-[\w-]+|[0-9a-f]{48}|hskey-[\w-]+)$/.test(key))
    throw new Error(
      `${path}: expected the secret of an OAuth client (tskey-client-…) or an auth key; the value is not shown`,
    );
  return key.startsWith("tskey-client-") ? `${key}?ephemeral=false&preauthorized=true` : key;
}
