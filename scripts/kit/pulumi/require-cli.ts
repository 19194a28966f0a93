import { UserError } from "../user-error";
import { findCli } from "./find-cli";

/** The CLI's path; throws where there is none, with what cannot be done without it. */
export async function requireCli(root: string, without: string): Promise<string> {
  const onWaiting = (line: string): void => void process.stderr.write(`${line}\n`);
  const cli = await findCli({ root, env: process.env, onWaiting });
  if (cli.path !== undefined) return cli.path;
  throw new UserError(`There is no Pulumi CLI: ${cli.reason}. ${without}`);
}
