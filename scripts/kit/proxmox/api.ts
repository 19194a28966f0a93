import { request } from "node:https";
import { z } from "zod";
import { describeFailure, trustOptions } from "../../../components/hypervisor/proxmox/trust";
import { parseJson } from "../parse-json";
import { UserError } from "../user-error";
import { resourcesSchema } from "./resources";

/** Milliseconds for one answer, and bytes of it. */
const PATIENCE = 20_000;
const LARGEST = 4 * 2 ** 20;

export interface ProxmoxAccess {
  readonly endpoint: string;
  /** Of authorities or of the hosts, in PEM form; where they are given, nothing else is trusted. */
  readonly certificates?: string | undefined;
  readonly token: string;
  /** Milliseconds for one answer. */
  readonly patience?: number;
}

const answerSchema = z.looseObject({
  data: z.unknown(),
  message: z.string().optional(),
  errors: z.record(z.string(), z.unknown()).optional(),
});

const taskSchema = z.looseObject({ status: z.string(), exitstatus: z.string().optional() });

/** Proxmox VE's API, as a person's computer asks it. Every error is a UserError, without the token. */
export class ProxmoxApi {
  private readonly trust: ReturnType<typeof trustOptions>;

  constructor(private readonly access: ProxmoxAccess) {
    this.trust = trustOptions(access.certificates, process.env);
  }

  get(path: string): Promise<unknown> {
    return this.call("GET", path);
  }

  post(path: string, values: Readonly<Record<string, string>> = {}): Promise<unknown> {
    return this.call("POST", path, new URLSearchParams(values).toString());
  }

  /** The host that has a machine now; a number that is another machine's is refused. */
  async findHost(machine: string, id: number): Promise<string> {
    const all = readable(resourcesSchema, await this.get("/cluster/resources"));
    const found = all.find(({ type, vmid }) => type === "qemu" && vmid === id);
    if (found?.node === undefined)
      throw new UserError(`Proxmox has no machine ${id} (${machine}), or the token lacks VM.Audit`);
    if (found.name !== machine)
      throw new UserError(`number ${id} in Proxmox is ${found.name ?? ""}, and not ${machine}`);
    return found.node;
  }

  /** Waits for the end of a task; throws what it ended with, if that is no success. */
  async finish(task: unknown, pause: (milliseconds: number) => Promise<void>): Promise<void> {
    const id = readable(z.string().regex(/^UPID:[^/]+$/), task);
    const path = `/nodes/${id.split(":")[1] ?? ""}/tasks/${encodeURIComponent(id)}/status`;
    for (;;) {
      const { status, exitstatus } = readable(taskSchema, await this.get(path));
      if (status === "stopped" && exitstatus === "OK") return;
      if (status === "stopped") throw new UserError(`Proxmox: ${exitstatus ?? "it has failed"}`);
      await pause(2000);
    }
  }

  private call(method: string, path: string, body?: string): Promise<unknown> {
    const { endpoint, token, certificates, patience = PATIENCE } = this.access;
    const url = `${endpoint.replace(/\/$/, "")}/api2/json${path}`;
    const headers = {
      Authorization: `PVEAPIToken=${token}`,
      ...(body === undefined ? {} : { "Content-Type": "application/x-www-form-urlencoded" }),
    };
    return new Promise((resolve, reject) => {
      const asked = request(
        url,
        { method, headers, signal: AbortSignal.timeout(patience), ...this.trust },
        (answer) => {
          let text = "";
          answer.setEncoding("utf8");
          answer.on("data", (chunk: string) => {
            text += chunk;
            if (text.length > LARGEST) asked.destroy(new Error("its answer is too long"));
          });
          answer.on("end", () => {
            const read = readAnswer(answer.statusCode ?? 0, answer.statusMessage ?? "", text);
            if (read instanceof UserError) reject(read);
            else resolve(read.data);
          });
        },
      );
      asked.on("error", (error) => {
        const isSlow = error.name === "AbortError" || error.name === "TimeoutError";
        const why = isSlow
          ? ` within ${patience / 1000} seconds`
          : `: ${describeFailure(error, certificates)}`;
        reject(new UserError(`Proxmox does not answer at ${endpoint}${why}`));
      });
      asked.end(body);
    });
  }
}

function readable<T>(schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new UserError("Proxmox: an answer that is not as its API describes it");
}

/** Proxmox says why in the answer's first line; newer versions also in its body. */
function readAnswer(status: number, reason: string, text: string): { data: unknown } | UserError {
  const answer = answerSchema.safeParse(parseJson(text)).data;
  if (status === 200 && answer !== undefined) return { data: answer.data };
  const fields = Object.entries(answer?.errors ?? {}).map(([key, why]) => `${key}: ${String(why)}`);
  const why = (answer?.message ?? reason).trim();
  return new UserError(`Proxmox: ${[`${status} ${why}`, ...fields].join("; ")}`);
}
