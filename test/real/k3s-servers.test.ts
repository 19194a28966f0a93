import { K3S } from "./rancher/k3s";
import { describeServers } from "./rancher/servers";

describeServers(K3S);
