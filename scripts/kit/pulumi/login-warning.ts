import { findAgentObstacle } from "../../../components/remote/login";
import { isMap, type StackConfig } from "../stack-file/stack-config";

/** The line that warns before an update whose machines nobody could log in to; undefined where a key is available. */
export async function renderLoginWarning(
  config: StackConfig,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const remote = config.get("vmstation:remote");
  if (isMap(remote) && remote.privateKeySecret !== undefined) return undefined;
  const obstacle = await findAgentObstacle(env);
  return obstacle === undefined
    ? undefined
    : `warning: an update could not log in to the machines: ${obstacle}\n`;
}
