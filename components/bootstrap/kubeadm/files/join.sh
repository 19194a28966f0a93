# shellcheck shell=sh
# Joins the cluster once; afterwards follows the control plane's version. EXPIRES: when the token ends, in seconds since
# the epoch, or 0.
step() {
  if applying; then
    if is_member; then refuse_changes; fi
    keep_key /etc/kubernetes/kubelet.conf
    if ! is_member || join_is_upgrade; then join_check_token; fi
  fi
  ensure_files
  if removing; then return 0; fi
  if applying; then guard_existing kubeadm /etc/kubernetes/kubelet.conf /usr/local/bin/kubeadm reset --force; fi
  if applying && [ ! -e /etc/kubernetes/admin.conf ] && is_promoted; then join_promote; fi
  run_long kubeadm-join "$DIGEST" /bin/sh "$INSTALLER" "$VERSION" "$MACHINE" "$IGNORED"
  follow_endpoint
  if applying; then
    remember_fixed
    keep_mounted /etc/kubernetes/manifests
  fi
}

# The mark is on the disk before the reset begins, and the installer resets as long as it is there.
join_promote() {
  check_node_gone /etc/kubernetes/kubelet.conf /usr/local/bin/kubectl
  [ -e "$STATE/bootstrap/kubeadm-begun" ] || : >"$STATE/bootstrap/kubeadm-promoted"
  sync "$STATE/bootstrap"
}

join_is_upgrade() {
  [ -e "$STATE/bootstrap/kubeadm-version" ] && [ "$(cat "$STATE/bootstrap/kubeadm-version")" != "$VERSION" ]
}

# A join or an upgrade that failed is tried again with the token that the stack has, which may be of another day.
join_check_token() {
  if [ "$EXPIRES" -eq 0 ] || [ "$(date +%s)" -lt "$EXPIRES" ]; then return 0; fi
  fail "the token to join with ended at $(date -u -d "@$EXPIRES" +%FT%TZ)" \
    "make a new one: npx vmstation pulumi up --replace '**::bootstrap-token'"
}
