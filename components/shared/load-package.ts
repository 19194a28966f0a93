import { createRequire } from "node:module";

/**
 * Classes of a package that only some stacks need: `files` says in which of its files each is. Nobody else reads the
 * package, whose loading takes longer than the rest of a small preview.
 */
export function loadClasses(
  name: string,
  files: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const load = createRequire(__filename);
  const classes = Object.entries(files).map(([className, file]): [string, unknown] => {
    const module: unknown = load(`${name}/${file}`);
    const found: unknown =
      typeof module === "object" && module !== null ? Reflect.get(module, className) : undefined;
    if (typeof found !== "function") throw new Error(`${name} lacks the class ${className}`);
    return [className, found];
  });
  return Object.fromEntries(classes);
}
