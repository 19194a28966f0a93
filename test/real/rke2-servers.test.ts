import { RKE2 } from "./rancher/rke2";
import { describeServers } from "./rancher/servers";

describeServers(RKE2);
