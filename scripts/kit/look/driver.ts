/** Seconds that the checks of one resource's steps may take, after which they count as ones that could not look. */
export const CHECK_SECONDS = 60;

/** The one command of a look; all else arrives by standard input. */
export const LOOK_COMMAND = "sudo -n sh -us";

export interface DriverArgs {
  /** Random for each run and told to nobody but the driver: only it can write a line that begins so. */
  readonly token: string;
  /** What each step reads, in the order in which they are checked. */
  readonly scripts: readonly string[];
}

/**
 * What a machine's shell reads to check all its steps in one session: each runs in a shell of its own, as its
 * resource would run it, but with the verb check. Before a step's output, byte for byte, stands a line
 * "TOKEN INDEX CODE BYTES-OF-STDOUT BYTES-OF-STDERR"; see FrameReader.
 */
export function renderDriver({ token, scripts }: DriverArgs): string {
  const checks = scripts.map((script, index) => `check ${index} <<'END'\n${encode(script)}\nEND\n`);
  // One function around all: a shell that gets only a part of it runs nothing.
  return `look() {\n${OPENING}start ${token}\n${checks.join("")}finish\n}\nlook\n`;
}

function encode(script: string): string {
  return Buffer.from(script, "utf8")
    .toString("base64")
    .replace(/.{76}(?=.)/g, "$&\n");
}

// The folder is in memory, for root only, and gone at the end: some scripts hold secrets.
const OPENING = `umask 077
start() {
  token=$1
  work=$(mktemp -d /run/vmstation-drift.XXXXXX) || exit 1
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM PIPE
  echo "$token ready"
}
check() {
  base64 -d >"$work/script"
  code=0
  timeout -k 5 ${CHECK_SECONDS} sh -eus check <"$work/script" >"$work/out" 2>"$work/err" || code=$?
  echo "$token" "$1" "$code" $(stat -c %s "$work/out" "$work/err")
  [ ! -s "$work/out" ] && [ ! -s "$work/err" ] || cat "$work/out" "$work/err"
}
finish() { echo "$token end"; }
`;
