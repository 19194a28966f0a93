/** Every way to a cluster: a new one is its folder and its line here. */
export { k3s } from "./k3s/method";
export { kubeadm } from "./kubeadm/method";
export { kubespray } from "./kubespray/method";
export { rke2 } from "./rke2/method";
