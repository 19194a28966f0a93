import type { z } from "zod";

interface Named {
  readonly host?: unknown;
  readonly access?: unknown;
}

const isNamed = (value: unknown): value is Named =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Who comes by a name needs one. */
export function validateAccess(apps: object, ctx: z.RefinementCtx): void {
  for (const [name, app] of Object.entries(apps)) {
    if (!isNamed(app) || app.host !== undefined) continue;
    if (app.access !== "internal" && app.access !== "public") continue;
    const accepted = `apps.${name}.host as well, such as host: ${name}; without a name: access: lan`;
    ctx.addIssue({
      code: "custom",
      path: [name, "access"],
      input: app.access,
      message: accepted,
    });
  }
}
