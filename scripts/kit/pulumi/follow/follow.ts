import { join } from "node:path";
import { Style } from "../../terminal/style";
import { runCli, type RunCliArgs } from "../run-cli";
import { writeJson } from "../../verb/document";
import { listNext, type PlannedChange, renderUpdate } from "./document";
import { EventLog } from "./event-log";
import { adviseOnCli } from "./explain";
import { renderLive, renderNews } from "./render";
import { renderEnd } from "./render-end";
import { RunModel } from "./run-model";
import { Screen } from "../../terminal/screen";

/** Milliseconds between two looks at the event log; a clock of seconds is drawn with it. */
const INTERVAL = 200;

export interface FollowArgs extends Omit<RunCliArgs, "output"> {
  readonly command: string;
  readonly stack: string;
  /** A private folder, for the engine's event log. */
  readonly temporary: string;
  /** The changes that are expected, in the preview's order, where there was one. */
  readonly planned?: readonly PlannedChange[] | undefined;
  /** Whether stdout gets one document; progress goes to stderr then. */
  readonly json?: boolean;
}

/**
 * Runs an update and shows its progress from the engine's events: what runs, what is done, and at the end what failed
 * and what to do. Returns the CLI's exit code.
 */
export async function follow(args: FollowArgs): Promise<number> {
  const stream = args.json === true ? process.stderr : process.stdout;
  const screen = new Screen(stream, process.env);
  const style = Style.of(stream, process.env);
  const model = new RunModel();
  const path = join(args.temporary, "events-update.json");
  const log = new EventLog(path);
  const start = Date.now();
  const total = args.planned?.length;
  const look = (): void => {
    const now = Date.now();
    const news = log.read().flatMap((event) => model.apply(event, now));
    const lines = news.flatMap((each) => renderNews(each, style, screen.width));
    const next = listNext(args.planned ?? [], model);
    screen.draw(lines, renderLive(model, total, { start, now }, screen, next));
  };
  const timer = setInterval(look, INTERVAL);
  const onInterrupt = (): void => {
    const text = "Stopping after the running steps. Press Ctrl-C again to stop at once.";
    screen.draw([text], []);
  };
  process.on("SIGINT", onInterrupt);
  let said = "";
  const code = await runCli({
    ...args,
    args: [...args.args, "--non-interactive", "--event-log", path],
    env: logging(args.env),
    onOutput: (text) => (said = (said + text).slice(-1 << 16)),
  }).finally(() => {
    clearInterval(timer);
    process.off("SIGINT", onInterrupt);
  });
  look();
  log.close();
  screen.draw([], []);
  if (model.finished || model.failures.size > 0) {
    const { command, stack } = args;
    const end = { command, stack, code, total, seconds: (Date.now() - start) / 1000 };
    screen.draw(renderEnd(model, end, style, screen.width), []);
  } else {
    tellCli(said, code, args.stack, { stream, style });
  }
  const seconds = (Date.now() - start) / 1000;
  const { command, stack } = args;
  if (args.json === true) writeJson(renderUpdate(model, { command, stack, code, seconds }));
  return code;
}

/** The CLI's own words, where the engine has not come so far as to tell anything. */
function tellCli(
  said: string,
  code: number,
  stack: string,
  { stream, style }: { readonly stream: NodeJS.WriteStream; readonly style: Style },
): void {
  if (code === 0) {
    stream.write(said);
    return;
  }
  const advice = adviseOnCli(said, stack);
  const lines = advice === undefined ? [] : style.hang("", `to do: ${advice}`);
  process.stderr.write([said.trimEnd(), ...lines, ""].join("\n"));
}

/** The environment in which the CLI takes `--event-log`. */
export function logging(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PULUMI_DEBUG_COMMANDS: "true" };
}
