import { request } from "node:https";
import * as pulumi from "@pulumi/pulumi";
import { pinnedCertificates } from "../certificates";
import type { HypervisorConfig } from "../config";
import { describeFailure, trustOptions } from "./trust";

const PATIENCE = 20_000;

/** Bytes of one answer, far more than any question here has. */
const LARGEST = 4 * 2 ** 20;

/** What the API answers. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  /** Undefined where the answer is no JSON, or has none. */
  readonly data?: unknown;
}

export type Ask = (path: string, method?: "GET" | "DELETE") => Promise<Answer>;

/** What a resource's hook needs for its questions. */
export interface AskArgs {
  readonly config: Pick<HypervisorConfig, "endpoint" | "certificateAuthority" | "hosts">;
  readonly token: pulumi.Output<string> | undefined;
}

/** Proxmox's API as the program asks it while an update runs. Rejects where there is no answer. */
export async function createAsk({ config, token }: AskArgs): Promise<Ask> {
  const { endpoint } = config;
  const known = await new Promise<string>((resolve) => {
    pulumi.output(token ?? "").apply(resolve);
  });
  const certificates = pinnedCertificates(config);
  const trust = trustOptions(certificates, process.env);
  const headers = { Authorization: `PVEAPIToken=${known}` };
  return (path, method = "GET") =>
    new Promise((resolve, reject) => {
      const url = `${endpoint.replace(/\/$/, "")}/api2/json${path}`;
      const signal = AbortSignal.timeout(PATIENCE);
      const fail = (error: Error): void => {
        const why = describeFailure(error, certificates);
        reject(new Error(`Proxmox does not answer at ${endpoint}: ${why}`));
      };
      const asked = request(url, { method, headers, signal, ...trust }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
          if (text.length > LARGEST) asked.destroy(new Error("its answer is too long"));
        });
        answer.on("error", fail).on("end", () => {
          const { statusCode = 0, statusMessage = "" } = answer;
          resolve({ status: statusCode, reason: statusMessage, data: dataOf(text) });
        });
      });
      asked.on("error", fail);
      asked.end();
    });
}

function dataOf(text: string): unknown {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === "object" && answer !== null && "data" in answer
      ? answer.data
      : undefined;
  } catch {
    return undefined;
  }
}
