# shellcheck shell=sh
# Joins the cluster once; afterwards follows the control plane's version.
step() {
  if applying && is_member; then refuse_changes; fi
  ensure_files
  if removing; then return 0; fi
  if applying; then guard_existing kubeadm /etc/kubernetes/kubelet.conf /usr/local/bin/kubeadm reset --force; fi
  run_long kubeadm-join "$DIGEST" /bin/sh "$INSTALLER" "$VERSION" "$MACHINE"
  if applying; then
    remember_fixed
    keep_mounted /etc/kubernetes/manifests
  fi
}
