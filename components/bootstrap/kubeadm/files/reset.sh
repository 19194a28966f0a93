# shellcheck shell=sh
# Takes one machine out of a cluster by kubeadm, with kubeadm itself, and forgets what was recorded of it. Volumes outside
# of Kubernetes' own folders stay.
take_away() {
  if [ -e /etc/kubernetes/kubelet.conf ] || [ -e /etc/kubernetes/admin.conf ]; then
    say "$STEP: kubeadm reset"
    quietly /usr/local/bin/kubeadm reset --force
    rm -rf /etc/cni/net.d
  fi
  rm -rf "$STATE/bootstrap" "$STATE/run/kubeadm-init" "$STATE/run/kubeadm-join"
}
