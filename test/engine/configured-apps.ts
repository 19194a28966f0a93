import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CONFIGURED } from "../support/fixtures/apps/configured/apps";

const ROOT = path.join(__dirname, "../..");
const FIXTURES = path.join(ROOT, "test/support/fixtures/apps/configured");

/** In the checkout, where the program looks for an app's files; Git ignores it. Another run may be going on there. */
const OWN = path.join(".vmstation", `engine-apps-${randomBytes(4).toString("hex")}`);

/** The files of the fixtures. */
const FILES = ["feed.yaml", "board/board.yaml", "charts/whoami/templates/whoami.yaml"] as const;

export const APPS = ["board", "feed", "whoami"] as const;
export type AppName = (typeof APPS)[number];
export type Handover = "prepared" | "handed-over" | "taken-back";

export interface ConfiguredAppsArgs {
  /** The folder in which the CLI runs. */
  readonly folder: string;
  /** Changes the stack's file, as `layer.key=VALUE`. */
  readonly set: (...settings: readonly string[]) => void;
  readonly machines: Readonly<Record<AppName, string>>;
  /** Instead of the image that the fixtures name, and what runs in it. */
  readonly standIn?: { readonly image: string; readonly command: string };
}

/** An app of each kind in a stack's file, whose files and values may change from update to update. */
export class ConfiguredApps {
  private greeting = "good morning";

  constructor(private readonly args: ConfiguredAppsArgs) {
    const own = path.join(ROOT, OWN);
    mkdirSync(own, { recursive: true });
    for (const name of ["feed.yaml", "readers.json", "board", "charts"])
      cpSync(path.join(FIXTURES, name), path.join(own, name), { recursive: true });
    // Helm looks for the chart's folder where the CLI runs.
    mkdirSync(path.join(args.folder, ".vmstation"), { recursive: true, mode: 0o700 });
    symlinkSync(own, path.join(args.folder, OWN));
    for (const file of FILES) this.standIn(path.join(own, file));
    args.set("feedToken=s3cret-of-the-feed");
    this.name(...APPS);
  }

  private standIn(file: string): void {
    const { standIn } = this.args;
    if (standIn === undefined) return;
    const text = readFileSync(file, "utf8")
      .replace(/command: \[.*\]/, `command: ${standIn.command}`)
      .replace(/image: docker\.io\S+/, `image: ${standIn.image}`);
    writeFileSync(file, text);
  }

  /** Names these apps in the stack's file, and no others. */
  name(...names: readonly AppName[]): void {
    const { feed, board, whoami } = CONFIGURED;
    const { machines, standIn, set } = this.args;
    const image = standIn === undefined ? {} : { image: standIn.image };
    const all = {
      feed: { ...feed, files: [`${OWN}/feed.yaml`], dashboards: [`${OWN}/readers.json`] },
      board: { ...board, folder: `${OWN}/board` },
      whoami: {
        ...whoami,
        chart: { ...whoami.chart, repository: `./${OWN}/charts` },
        values: { ...whoami.values, ...image, greeting: this.greeting },
      },
    };
    const named = names.map((name) => [name, { ...all[name], machine: machines[name] }] as const);
    set(`apps=${JSON.stringify(Object.fromEntries(named))}`);
  }

  /** Changes the value of the chart. */
  greet(greeting: string): void {
    this.greeting = greeting;
    this.name(...APPS);
  }

  /** Changes a file of an app. */
  edit(file: (typeof FILES)[number], from: string, to: string): void {
    const at = path.join(ROOT, OWN, file);
    const text = readFileSync(at, "utf8");
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    writeFileSync(at, text.replace(from, to));
  }

  remove(): void {
    rmSync(path.join(ROOT, OWN), { recursive: true, force: true });
  }
}
