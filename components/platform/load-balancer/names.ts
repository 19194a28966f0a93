/** MetalLB's own, which its documents name. */
export const NAMESPACE = "metallb-system";
