import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { z } from "zod";
import { NAME, NAMESPACE, STATE } from "../../components/platform/tailnet/names";
import { run } from "../rig/command";
import { waitFor } from "../rig/wait";
import type { Change } from "../support/homelab";
import { recordStack, SECRETS } from "../support/stack";
import { LOAD_BALANCER, platformSite } from "../unit/platform/sites";
import { write } from "./credentials";
import type { KubeObject } from "./kube-object";
import { requireLan } from "./lan";
import { applyObjects, objectsOf } from "./plan-objects";
import { LOGIN_SERVER, Tailnet } from "./tailnet";
import type { TestCluster } from "./test-cluster";
import { toolPath } from "./tools";
import { requireTools, useCluster } from "./use-cluster";

const [INGRESS, NAMES, MACHINE] = ["192.168.8.230", "192.168.8.231", "192.168.8.63"];
const ARPA: Change = [["lan", "domain"], "home.arpa"];
const site = platformSite(
  {
    ...{ loadBalancer: LOAD_BALANCER, ingress: { address: INGRESS }, names: { address: NAMES } },
    tailnet: { authSecret: "tailscaleKey", loginServer: LOGIN_SERVER },
  },
  ARPA,
);

const podSpec = z.object({
  template: z.object({
    spec: z.object({
      containers: z.tuple([
        z.object({ env: z.array(z.object({ name: z.string(), value: z.string() })) }),
      ]),
    }),
  }),
});
const tokenRequest = z.object({ status: z.object({ token: z.string() }) });
/** Where a pod finds its account. */
const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

describe("the device of the tailnet, with a real control server", function () {
  this.timeout(120_000);
  const getCluster = useCluster();
  const servers: http.Server[] = [];
  let tailnet: Tailnet | undefined;

  before(async function () {
    requireTools(this, ["headscale", "tailscale"]);
    await requireLan(this, ...[INGRESS, NAMES, MACHINE].map((each) => `${each}/32`));
    for (const address of [INGRESS, NAMES, MACHINE]) servers.push(await serve(address));
    tailnet = new Tailnet(getCluster().folder);
    await tailnet.start(printedPolicy());
    await Promise.all([
      startDevice(getCluster(), tailnet),
      tailnet.join("phone", await tailnet.makeKey()),
      tailnet.join("guest", await tailnet.makeKey("tag:guest")),
    ]);
  });

  after(async () => {
    await tailnet?.stop();
    for (const server of servers) server.close();
  });

  const reach = (device: string, address: string): Promise<string> =>
    tailnet?.reach(device, address) ?? assert.fail();

  it("leads Robin's phone to the ingress and to the server of names, by routes that nobody had to approve", async () => {
    for (const address of [INGRESS, NAMES])
      await waitFor(
        `${address} from away`,
        async () => (await reach("phone", address)) === `this is ${address}`,
      );
  });

  it("leads to no machine, and to nothing else of home", async () => {
    assert.equal((await run("curl", ["-s", `http://${MACHINE}/`])).stdout, `this is ${MACHINE}`);
    assert.equal(await reach("phone", MACHINE), "");
  });

  it("leads nobody to them whom the printed policy does not name", async () => {
    for (const address of [INGRESS, NAMES]) assert.equal(await reach("guest", address), "");
    const { grants, ...rest } = z.looseObject({}).parse(JSON.parse(printedPolicy()));
    assert.ok(grants, "the policy names who may");
    await tailnet?.take(JSON.stringify(rest));
    await waitFor("the guest to come in once no line keeps it out", async () => {
      return (await reach("guest", INGRESS)) === `this is ${INGRESS}`;
    });
    assert.equal(await reach("guest", MACHINE), "");
  });

  it("keeps its identity in its Secret, by the rights of its account alone", async () => {
    const at = `/api/v1/namespaces/${NAMESPACE}/secrets/${STATE}`;
    assert.match(JSON.stringify(await getCluster().api.get(at)), /"_machinekey"/);
  });
});

/** The output `tailnetPolicy`. */
function printedPolicy(): string {
  const part = site.platform?.parts.find(({ key }) => key === "tailnet");
  return part?.outputs?.tailnetPolicy ?? assert.fail("no policy");
}

async function serve(address: string): Promise<http.Server> {
  const server = http.createServer((_, response) => response.end(`this is ${address}`));
  await new Promise<void>((resolve) => server.listen(80, address, resolve));
  return server;
}

/** The image's own first program, with the pod's variables, its account's token, and the API where pods have it. */
async function startDevice(cluster: TestCluster, tailnet: Tailnet): Promise<void> {
  const { folder } = cluster;
  const key = await tailnet.makeKey("tag:vmstation");
  const secrets = { ...SECRETS, tailscaleKey: key };
  const objects = objectsOf(await recordStack(site, secrets)).map(({ object }) => object);
  const own = objects.filter(
    ({ kind, metadata }) =>
      metadata.namespace === NAMESPACE || (kind === "Namespace" && metadata.name === NAMESPACE),
  );
  await applyObjects(cluster, own);
  const deployment = own.find(({ kind }) => kind === "Deployment") ?? assert.fail();
  const account = path.join(folder, "account");
  await writeAccount(cluster, account);
  const mounts = [
    "mount -t tmpfs none /run",
    `mkdir -p ${ACCOUNT}`,
    `mount --bind ${account} ${ACCOUNT}`,
  ];
  const { hostname, port } = new URL(cluster.url);
  tailnet.launch({
    program: toolPath("containerboot"),
    args: [],
    through: tailnet.through(mounts.join(" && ")),
    env: {
      ...envOf(deployment),
      ...tailnet.trust,
      // The pod's own /tmp.
      ...{ TS_SOCKET: path.join(folder, "home.socket"), TS_STATE_DIR: folder },
      ...{ TS_AUTHKEY: key, TS_KUBERNETES_READ_API_SERVER_ADDRESS_FROM_ENV: "true" },
      ...{ KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
      KUBERNETES_SERVICE_PORT_HTTPS: port,
      PATH: `${linkPrograms(path.join(folder, "bin"))}:${process.env.PATH ?? ""}`,
    },
  });
  await waitFor("the device to be Ready, as its pod's probe sees it", async () => {
    tailnet.assertRunning();
    return (await fetch("http://127.0.0.1:9002/healthz")).ok;
  });
}

/** What a pod of the tailnet finds of its account. */
async function writeAccount({ api, folder }: TestCluster, into: string): Promise<void> {
  const { body } = await api.call(
    "POST",
    `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${NAME}/token`,
    { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
  );
  mkdirSync(into);
  write(into, "token", tokenRequest.parse(body).status.token);
  write(into, "namespace", NAMESPACE);
  await run("cp", [path.join(folder, "certificates", "apiserver.crt"), `${into}/ca.crt`]);
}

/** A folder with the programs that the image has. */
function linkPrograms(bin: string): string {
  mkdirSync(bin);
  for (const name of ["tailscale", "tailscaled"] as const)
    symlinkSync(toolPath(name), path.join(bin, name));
  return bin;
}

function envOf({ spec }: KubeObject): NodeJS.ProcessEnv {
  const [container] = podSpec.parse(spec).template.spec.containers;
  return Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
}
