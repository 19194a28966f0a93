/** Takes the documents' pictures of the waking page: `npm run screenshots -- docs/pictures`. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Chromium, findChromium, type View } from "./chromium";
import { Holder } from "./holder";
import { waitFor } from "../rig/wait";

const PHONE = { width: 390, height: 700 };
const COMPUTER = { width: 1024, height: 640 };
const TELEVISION = { width: 1920, height: 1080 };

/** A moment of a wake: the machine's record, by how many seconds ago it came into its state. */
const WAKING = { state: "waking", ago: 18, answered: 3 };
const STARTING = { state: "awake", ago: 9, answered: 20 };
const FAILED = { state: "failed", ago: 60, answered: 0 };

const PICTURES: readonly [name: string, view: View, moment: typeof WAKING][] = [
  ["waking-page", COMPUTER, WAKING],
  ["waking-page-dark", { ...COMPUTER, dark: true }, WAKING],
  ["waking-page-phone", PHONE, WAKING],
  ["waking-page-phone-dark", { ...PHONE, dark: true }, FAILED],
  ["waking-page-television", { ...TELEVISION, dark: true }, STARTING],
  ["waking-page-failed", COMPUTER, FAILED],
];

async function main(folder: string): Promise<void> {
  const program = findChromium();
  if (program === undefined) throw new Error("there is no chromium on the PATH");
  mkdirSync(folder, { recursive: true });
  const browser = await Chromium.open(program);
  const holder = await Holder.start();
  try {
    // The machine answers, so that the port holder itself leaves the record as it is for a while.
    for (const [name, view, moment] of PICTURES) {
      holder.tell(`record ${JSON.stringify(renderRecord(moment))}`);
      await browser.visit("about:blank", view);
      await browser.visit(`${holder.url}/`, view);
      const title = "document.querySelector('h1')?.textContent ?? ''";
      await waitFor(name, async () => (await browser.evaluate(title)) !== "");
      writeFileSync(path.join(folder, `${name}.png`), await browser.picture());
    }
  } finally {
    await holder.stop();
    await browser.close();
  }
}

function renderRecord({ state, ago, answered }: typeof WAKING): object {
  const now = Date.now() / 1000;
  const cycles = [41, 47, 44].map((took, i) => [now - 9e4 - i, now - 8e4 - i, took, "x"]);
  return {
    ...{ state, cycles, since: now - ago, last_wake_seconds: 44, woken_at: now - ago },
    ...{ answered_at: answered === 0 ? 0 : now - answered, failed_at: now - ago },
    reasons:
      state === "failed" ? ["did not wake: no SSH within 300 s of the first magic packet"] : [],
  };
}

main(process.argv[2] ?? "docs/pictures").catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
