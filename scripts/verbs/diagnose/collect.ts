import { randomBytes } from "node:crypto";
import { readScript } from "../../../components/remote/step";
import { type Frame, FrameReader } from "../../kit/look/frame-reader";
import { ask } from "../../kit/ssh/ask";
import type { Operator } from "../../kit/ssh/operator";
import { parseSecretFiles, parseSecretObjects } from "./known-secrets";

type SiteMachine = ReturnType<Operator["machine"]>;

/** What one command said. */
export interface Section {
  readonly name: string;
  /** Its exit code; 124 where it took too long. */
  readonly code: number;
  readonly text: string;
}

/** What one machine said, with everything in it; only `sections` go into the report, once redacted. */
export interface Evidence {
  readonly machine: string;
  readonly address: string;
  readonly status:
    "collected" | "in-part" | "asleep" | "offline" | "unreachable" | "could-not-look";
  readonly error: string | null;
  readonly sections: readonly Section[];
  /** Secrets that the machine knows of. */
  readonly secrets: readonly string[];
  /** Whether it was asked for the cluster's Secret objects and did not tell them. */
  readonly blind: boolean;
}

export interface CollectArgs {
  readonly operator: Pick<Operator, "run" | "controller">;
  readonly machine: SiteMachine;
  /** Told how many sections there are. */
  readonly onProgress: (sections: number) => void;
}

/** Collects on one machine, in one session; never rejects: what keeps it from looking is a part of the report. */
export async function collect(args: CollectArgs): Promise<Evidence> {
  try {
    return await collectThere(args);
  } catch (reason) {
    const { name: machine, address } = args.machine;
    const error = reason instanceof Error ? reason.message : String(reason);
    const none = { sections: [], secrets: [], blind: false };
    return { machine, address, status: "could-not-look", error, ...none };
  }
}

async function collectThere({ operator, machine, onProgress }: CollectArgs): Promise<Evidence> {
  const { name, address } = machine;
  const reader = new FrameReader(randomBytes(16).toString("hex"));
  const isController = name === operator.controller.name;
  const asked = await ask(operator, machine, {
    command: "sudo -n sh -us",
    input: renderCollector(reader.token, isController),
    onOutput: (chunk) => {
      reader.push(chunk);
      onProgress(reader.frames.length);
    },
  });
  const found = sort(reader.frames);
  const evidence = { machine: name, address, ...found, blind: isController && found.blind };
  if (reader.ended) return { ...evidence, status: "collected", error: null };
  if (reader.ready) {
    const error = reader.broken ?? "the connection broke off";
    return { ...evidence, status: "in-part", error };
  }
  if (asked.status !== "answered") {
    return { ...evidence, status: asked.status, error: asked.error, blind: false };
  }
  const error = asked.answer.stderr.trim() || "the collector did not begin";
  return { ...evidence, status: "could-not-look", error, blind: false };
}

/** The collector, and the one call of it, which half a script does not reach. */
export function renderCollector(token: string, isController: boolean): string {
  const call = `collect ${token}${isController ? " controller" : ""} </dev/null`;
  return `${readScript(__dirname, "files/collect.sh")}${call}\n`;
}

function sort(frames: readonly Frame[]): Pick<Evidence, "sections" | "secrets" | "blind"> {
  const all = frames.map(({ code, stdout }): Section => {
    const [name = "", ...lines] = stdout.split("\n");
    return { name, code, text: lines.join("\n") };
  });
  const textOf = (wanted: string): string => all.find(({ name }) => name === wanted)?.text ?? "";
  const objects = parseSecretObjects(textOf("!objects"));
  return {
    sections: all.filter(({ name }) => !name.startsWith("!")),
    secrets: [...parseSecretFiles(textOf("!files")), ...objects.values],
    blind: !objects.areAll,
  };
}
