# shellcheck shell=sh
# The first control plane: kubeadm init, or an upgrade of what it has made; then Calico and add-ons.
step() {
  if applying && is_member; then refuse_changes; fi
  if applying; then keep_key /etc/kubernetes/admin.conf; fi
  ensure_files
  if removing; then return 0; fi
  if applying; then guard_existing kubeadm /etc/kubernetes/admin.conf /usr/local/bin/kubeadm reset --force; fi
  run_long kubeadm-init "$DIGEST" /bin/sh "$INSTALLER" "$VERSION" "$MACHINE" "$SNAPSHOTS" "$KEEP" "$MANIFESTS" "$IGNORED"
  follow_endpoint cluster
  if applying; then
    remember_fixed
    keep_mounted /etc/kubernetes/manifests
  fi
}
