import { z } from "zod";
import { API_SERVER } from "../../components/gitops/names";
import { run } from "../rig/command";
import { toolPath } from "./tools";

/** An object that an Application would make; without a namespace: one that is in none. */
export interface Wanted {
  readonly group: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** "May an Application of this project come from this repository", or "may it make this". */
export type Question = { readonly source: string } | Wanted;

export interface Case {
  /** An AppProject as the plan renders it. */
  readonly project: object;
  readonly questions: readonly Question[];
}

const answers = z.array(z.boolean());

/** What Argo CD says to each question. Rejects where it would refuse the project itself. */
export async function askArgoCd(cases: readonly Case[]): Promise<boolean[][]> {
  const lines = cases.map(({ project, questions }) => {
    const asked = questions.map((each) => ({ server: API_SERVER, ...each }));
    return JSON.stringify({ project, questions: asked });
  });
  const { stdout } = await run(toolPath("project-rules"), [], { input: lines.join("\n") });
  const said = stdout.trimEnd().split("\n");
  return said.map((line) => answers.parse(JSON.parse(line)));
}
