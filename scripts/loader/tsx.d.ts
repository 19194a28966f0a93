declare module "tsx/cjs";
