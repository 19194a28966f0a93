import { execFile } from "node:child_process";
import * as path from "node:path";
import { z } from "zod";

const answerSchema = z.union([
  z.object({ steps: z.array(z.string()) }),
  z.object({ refused: z.string(), advice: z.string() }),
]);

export type StepsAnswer = z.infer<typeof answerSchema>;

/** What a preview says, and whether it is a warning. */
export interface Notice {
  readonly severity: "debug" | "info" | "warn";
  readonly text: string;
}

/** Asks a file that decides on the controller, here: it looks at no machine. */
export function askPlanner(file: string, input: unknown): Promise<StepsAnswer> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PYTHONPATH: path.join(__dirname, "files") };
    const options = { timeout: 10_000, env };
    const child = execFile("python3", ["-B", file], options, (error, stdout) => {
      if (error !== null) reject(new Error(error.message, { cause: error }));
      else resolve(answerSchema.parse(JSON.parse(stdout)));
    });
    // The callback reports one that cannot start or ends early.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(JSON.stringify(input));
  });
}

export function renderRefused(refused: string, advice: string): Notice {
  return { severity: "warn", text: `\`up\` will be refused: ${refused}\nto do: ${advice}` };
}

export function numbered(title: string, steps: readonly string[]): Notice {
  const lines = steps.map((text, i) => `  ${i + 1}. ${text}`);
  return { severity: "info", text: [title, ...lines].join("\n") };
}
