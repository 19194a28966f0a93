/** The keys of `vmstation:apps` that are about all apps, and name none. */
export const OWN_KEYS: readonly string[] = ["quota", "charts"];
