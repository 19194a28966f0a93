import { z } from "zod";
import { readScript, type StepFile } from "../remote/step";

const FOLDER = "files/lib/page";
const FILES = ["page.html", "page.css", "page.js", "texts.json"];

/** What the page says in English, by name. */
const TEXTS = z
  .record(z.string(), z.string())
  .parse(JSON.parse(readScript(__dirname, `${FOLDER}/texts.json`)));

function textSchema(english: string) {
  const own = [...english.matchAll(/\{(\w+)\}/g)].map(([, placeholder = ""]) => placeholder);
  const allowed = new Set(["app", "machine", ...own]);
  const list = [...allowed].map((placeholder) => `{${placeholder}}`).join(", ");
  return z
    .string()
    .min(1)
    .max(500)
    .refine(
      (text) =>
        [...text.matchAll(/\{(\w*)\}/g)].every(([, placeholder = ""]) => allowed.has(placeholder)),
      `a text in which only ${list} are replaced`,
    )
    .optional()
    .describe(`In English: ${english}`);
}

/** The page that a browser shows while the machine of an app wakes. */
export const wakingPageSchema = z
  .strictObject({
    language: z
      .string()
      .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, "a language such as de or pt-BR")
      .prefault("en")
      .describe("Language of your texts, such as de"),
    texts: z
      .strictObject(
        Object.fromEntries(
          Object.entries(TEXTS).map(([name, english]) => [name, textSchema(english)]),
        ),
      )
      .prefault({})
      .describe("Texts to show instead of the English ones"),
  })
  .optional()
  .describe("The page that a browser shows while the machine of an app wakes");

/** The page's parts, beside the controller's programs. */
export function pageFiles(programs: string): StepFile[] {
  return FILES.map((name) => ({
    path: `${programs}/page/${name}`,
    content: readScript(__dirname, `${FOLDER}/${name}`),
  }));
}
