import manifest from "../package.json";

/** The version of this program: package.json is the one place that names it. */
export const { version } = manifest;
