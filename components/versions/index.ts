/**
 * Every pin: what is installed, in which version, and where the number comes from. renovate.json finds each by its place
 * in one of these files, or by the comment above it, which names the data source and the package.
 */
export * from "./apps";
export * from "./cluster";
export * from "./gitops";
export * from "./monitoring";
export * from "./pin";
export * from "./platform";
