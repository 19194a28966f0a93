import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Whether the PATH has such a program. */
export async function hasProgram(name: string): Promise<boolean> {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = await Promise.all(
    folders.map((folder) =>
      access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
