import { runCommandLine } from "./command-line";

/**
 * Who reads may stop (`| head`), and a terminal may be closed; what was begun is still done to its end, and ends as it
 * would have.
 */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
}

process.stdout.on("error", ignoreClosedPipe);
process.stderr.on("error", ignoreClosedPipe);

void runCommandLine(process.argv.slice(2));
