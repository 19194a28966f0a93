import { K3S } from "./rancher/k3s";
import { describeOneServer } from "./rancher/one-server";

describeOneServer(K3S);
