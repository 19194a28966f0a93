import { Agent, request } from "node:https";
import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { describeObject, kubeObject, type KubeObject } from "./kube-object";

export interface ApiClientArgs {
  /** "https://127.0.0.1:40000" */
  readonly url: string;
  /** Certificates to trust, in PEM. */
  readonly ca: string;
  readonly token: string;
  /** Somebody else to act as: a user, or "system:serviceaccount:NAMESPACE:NAME". */
  readonly impersonate?: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Texts of the server's Warning headers. */
  readonly warnings: readonly string[];
}

/** What an API server refused. */
export class ApiError extends Error {
  constructor(
    what: string,
    readonly answer: ApiAnswer,
  ) {
    super(`${what}: ${answer.status} ${messageOf(answer.body)}`);
  }
}

const statusBody = z.object({ message: z.string() });
const resourceList = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});
const objectList = z.object({ items: z.array(z.looseObject({})) });

function messageOf(body: unknown): string {
  return statusBody.safeParse(body).data?.message ?? JSON.stringify(body);
}

/** The few calls that the tests make of an API server. */
export class ApiClient {
  private readonly agent: Agent;
  private readonly plurals = new Map<string, { name: string; namespaced: boolean }>();

  constructor(private readonly args: ApiClientArgs) {
    this.agent = new Agent({ keepAlive: true, ca: args.ca });
  }

  /** The same server as seen by somebody else. */
  as(impersonate: string): ApiClient {
    return new ApiClient({ ...this.args, impersonate });
  }

  close(): void {
    this.agent.destroy();
  }

  /** One request; rejects only when there is no answer. */
  async send(
    method: string,
    path: string,
    body?: unknown,
    type = "application/json",
  ): Promise<ApiAnswer> {
    const response = await this.open(method, path, body, type);
    const chunks: Buffer[] = [];
    for await (const chunk of response) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("utf8");
    return {
      status: response.statusCode ?? 0,
      body: parseBody(text),
      warnings: parseWarnings(response.rawHeaders),
    };
  }

  /** One request whose refusal rejects. */
  async call(method: string, path: string, body?: unknown, type?: string): Promise<ApiAnswer> {
    const answer = await this.send(method, path, body, type);
    if (answer.status >= 400) throw new ApiError(`${method} ${path}`, answer);
    return answer;
  }

  async get(path: string): Promise<unknown> {
    return (await this.call("GET", path)).body;
  }

  /** An object as the server has it. */
  async read(object: KubeObject): Promise<KubeObject> {
    return kubeObject.parse(await this.get(await this.pathOf(object)));
  }

  /** The items of a collection, "/api/v1/nodes". */
  async list(path: string): Promise<KubeObject[]> {
    const { items } = objectList.parse(await this.get(path));
    // Items of a list carry neither apiVersion nor kind.
    return items.map((item) => kubeObject.parse({ apiVersion: "", kind: "", ...item }));
  }

  /** Merges `change` into an object or, by its path, a subresource. */
  async merge(path: string, change: object): Promise<void> {
    await this.call("PATCH", path, change, "application/merge-patch+json");
  }

  /**
   * Server-side apply that refuses unknown and duplicate fields. Returns the server's warnings, each with the
   * object that it is about. `dryRun` only asks.
   */
  async apply(object: KubeObject, { dryRun = false } = {}): Promise<string[]> {
    const answer = await this.sendApply(object, { dryRun });
    if (answer.status >= 400) throw new ApiError(describeObject(object), answer);
    return answer.warnings.map((warning) => `${describeObject(object)}: ${warning}`);
  }

  /** The same, with the answer whatever it is: the object as it is then, or why it was refused. */
  async sendApply(object: KubeObject, { dryRun = false } = {}): Promise<ApiAnswer> {
    const query = `fieldManager=vmstation&fieldValidation=Strict&force=true${dryRun ? "&dryRun=All" : ""}`;
    const path = `${await this.pathOf(object)}?${query}`;
    return this.send("PATCH", path, object, "application/apply-patch+yaml");
  }

  /** "/apis/apps/v1/namespaces/monitoring/daemonsets/ipmi-exporter-local" */
  async pathOf({ apiVersion, kind, metadata }: KubeObject): Promise<string> {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const { name, namespaced } = await this.resourceOf(root, kind);
    const namespace = namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
    return `${root}${namespace}/${name}/${metadata.name}`;
  }

  private async resourceOf(
    root: string,
    kind: string,
  ): Promise<{ name: string; namespaced: boolean }> {
    const key = `${root} ${kind}`;
    const known = this.plurals.get(key);
    if (known !== undefined) return known;
    const { resources } = resourceList.parse(await this.get(root));
    const found = resources.find((each) => each.kind === kind && !each.name.includes("/"));
    if (found === undefined) throw new Error(`the API server knows no ${kind} in ${root}`);
    this.plurals.set(key, found);
    return found;
  }

  private open(
    method: string,
    path: string,
    body: unknown,
    type: string,
  ): Promise<IncomingMessage> {
    const { url, token, impersonate } = this.args;
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (body !== undefined) headers["content-type"] = type;
    if (impersonate !== undefined) headers["impersonate-user"] = impersonate;
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, url), { method, headers, agent: this.agent }, resolve);
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** RFC 7234's warnings, `299 - "text"`, one to a header line. */
function parseWarnings(rawHeaders: readonly string[]): string[] {
  const values = rawHeaders.filter(
    (_, i) => rawHeaders[i - 1]?.toLowerCase() === "warning" && i % 2,
  );
  return values.map((value) => /^\d+ \S+ "(.*)"$/.exec(value)?.[1] ?? value);
}
