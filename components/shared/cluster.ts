/** The cluster's DNS domain, with every method; rules refuse another one. */
export const CLUSTER_DOMAIN = "cluster.local";
