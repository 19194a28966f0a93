# shellcheck shell=sh
# One machine of a K3s cluster: its configuration and its unit, the program, and the service that starts it. What another
# hand has put in their place is judged before anything of it is replaced.
step() {
  if applying; then
    if is_member; then
      check_token
      refuse_changes
    fi
    guard_existing k3s "$(k3s_mark)" k3s_wipe
    if [ ! -e "$SHOWN_DATA/server/token" ] && is_promoted; then k3s_promote; fi
  fi
  ensure_files
  on_change files systemctl daemon-reload
  if [ "$RENEWS" = true ]; then ensure_unit vmstation-renew-by-restart.timer enabled active; fi
  if removing; then return 0; fi
  if applying; then
    drop_unwanted /etc/rancher/k3s/registries.yaml
    # Before the first start: from then on etcd has it.
    remember_fixed
  fi
  run_long k3s "$DIGEST" /bin/sh "$INSTALLER" "$RELEASE" "$SERVICE" "$MACHINE" "$INTENT" "$FETCHER" "$SNAPSHOTS" "$MANIFESTS" "$PORT" "$SNAPSHOT_FOLDER"
}

# An agent that becomes a server leaves whole; local volumes stay. Cut in between, it does so again.
k3s_promote() {
  check_node_gone "$SHOWN_DATA/agent/kubelet.kubeconfig" /usr/local/bin/k3s kubectl
  say "$STEP: taking the agent away, as this machine becomes a server"
  rm -f "$STATE/bootstrap/k3s-release" "$STATE/bootstrap/k3s-intent"
  quietly k3s_wipe || fail "K3s is not gone whole" "see above; a reboot releases what is in use, then run \`up\` again"
}
