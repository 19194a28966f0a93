import { describeOneServer } from "./rancher/one-server";
import { RKE2 } from "./rancher/rke2";

describeOneServer(RKE2);
