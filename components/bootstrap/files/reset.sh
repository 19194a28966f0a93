# shellcheck shell=sh
# Takes one machine out of a cluster by kubeadm or RKE2, with the method's own program, and forgets what was recorded of
# it. METHOD is a setting. Volumes outside of the method's own folders stay.
step() {
  case $METHOD in
    kubeadm)
      if [ -e /etc/kubernetes/kubelet.conf ] || [ -e /etc/kubernetes/admin.conf ]; then
        say "$STEP: kubeadm reset"
        quietly /usr/local/bin/kubeadm reset --force
        rm -rf /etc/cni/net.d
      fi
      ;;
    rke2)
      if [ -x /usr/local/bin/rke2-uninstall.sh ]; then
        say "$STEP: rke2-uninstall.sh"
        quietly /usr/local/bin/rke2-uninstall.sh
      fi
      ;;
  esac
  rm -rf "$STATE/bootstrap" "$STATE/run/kubeadm-init" "$STATE/run/kubeadm-join" "$STATE/run/rke2"
}
