import type { Output } from "@pulumi/pulumi";

/** What dashboards and custom resources are made of; a key without a value is left out. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Helm values; a name may only be known once its resource is there. */
export interface Values {
  readonly [key: string]: Json | Output<string> | Values;
}
