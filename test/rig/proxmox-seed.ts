import { createHash } from "node:crypto";
import * as ipaddr from "ipaddr.js";
import { stringify } from "yaml";
import { z } from "zod";

/** What the program gives the provider of a virtual machine, as far as cloud-init gets it. */
const inputsSchema = z.object({
  name: z.string(),
  initialization: z.object({
    upgrade: z.literal(false),
    userAccount: z.object({ username: z.string(), keys: z.array(z.string()) }),
    ipConfigs: z.tuple([
      z.object({ ipv4: z.object({ address: z.string(), gateway: z.string() }) }),
    ]),
    dns: z.object({ domain: z.string(), servers: z.array(z.string()) }),
  }),
});

/**
 * The files that Proxmox VE 9 makes of a machine's cloud-init fields (its PVE::QemuServer::Cloudinit, of the kind
 * nocloud), and `vendorData` as it is.
 */
export function renderSeed(
  inputs: unknown,
  mac: string,
  vendorData: string,
): Readonly<Record<string, string>> {
  const { name, initialization } = inputsSchema.parse(inputs);
  const { userAccount, dns } = initialization;
  const userData = `#cloud-config\n${stringify({
    ...{ hostname: name, manage_etc_hosts: true, fqdn: `${name}.${dns.domain}` },
    ...{ user: userAccount.username, ssh_authorized_keys: userAccount.keys },
    ...{ chpasswd: { expire: false }, users: ["default"] },
  })}`;
  const network = stringify({ version: 1, config: renderNetwork(initialization, mac) });
  const instance = createHash("sha1")
    .update(userData + network)
    .digest("hex");
  return {
    "user-data": userData,
    "network-config": network,
    "meta-data": `instance-id: ${instance}\n`,
    "vendor-data": vendorData,
  };
}

function renderNetwork(
  { ipConfigs: [{ ipv4 }], dns }: z.infer<typeof inputsSchema>["initialization"],
  mac: string,
): object[] {
  const [address, bits] = ipaddr.IPv4.parseCIDR(ipv4.address);
  const netmask = ipaddr.IPv4.subnetMaskFromPrefixLength(bits).toString();
  const subnet = { type: "static", address: address.toString(), netmask, gateway: ipv4.gateway };
  return [
    { type: "physical", name: "eth0", mac_address: mac.toLowerCase(), subnets: [subnet] },
    { type: "nameserver", address: dns.servers, search: [dns.domain] },
  ];
}
