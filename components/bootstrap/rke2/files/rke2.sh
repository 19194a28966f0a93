# shellcheck shell=sh
# One machine of an RKE2 cluster: its configuration, the release, and the service that starts it. What another hand has put
# in their place is judged before anything of it is replaced.

SHOWN_NAME=rke2
SHOWN_ETC=/etc/rancher/rke2
SHOWN_DATA=/var/lib/rancher/rke2

step() {
  if applying; then
    if is_member; then
      check_token
      refuse_changes
    fi
    guard_existing "$SHOWN_NAME" "$(existing_mark "$SHOWN_ETC/rke2.yaml")" /usr/local/bin/rke2-uninstall.sh
    if [ ! -e "$SHOWN_DATA/server/token" ] && is_promoted; then rke2_promote; fi
  fi
  ensure_files
  on_change files systemctl daemon-reload
  if [ "$RENEWS" = true ]; then ensure_unit vmstation-renew-by-restart.timer enabled active; fi
  if removing; then return 0; fi
  if applying; then drop_unwanted "$SHOWN_ETC/registries.yaml"; fi
  run_long rke2 "$DIGEST" /bin/sh "$INSTALLER" "$RELEASE" "$ORIGIN" "$CHECKSUMS" "$SERVICE" "$INTENT" "$MACHINE" "$SNAPSHOTS" "$SNAPSHOT_FOLDER"
  if applying; then
    remember_fixed
    keep_mounted "$SHOWN_DATA/agent/pod-manifests"
  fi
}

# An agent that becomes a server leaves whole. Cut in between, it does so again.
rke2_promote() {
  check_node_gone "$SHOWN_DATA/agent/kubelet.kubeconfig" /var/lib/rancher/rke2/bin/kubectl
  say "$STEP: taking the agent away, as this machine becomes a server"
  rm -f "$STATE/bootstrap/rke2-release" "$STATE/bootstrap/rke2-intent"
  if [ -x /usr/local/bin/rke2-uninstall.sh ]; then quietly /usr/local/bin/rke2-uninstall.sh; fi
}

check_token() {
  ! has_other_token || fail "RKE2's servers have another token than this stack; nothing was changed" \
    "where this stack has made the cluster, bring its state back from your backup; with RKE2 no other cluster is taken over"
}

# show_fixed KEY: what a server was started with, of an agent its address alone; for ../files/fixed.sh
show_fixed() {
  case $1 in machines.*.clusterAddress) show_option node-ip "" ;; esac
  [ -e "$SHOWN_DATA/server/token" ] || return 0
  case $1 in
    network.podCidr) show_option cluster-cidr 10.42.0.0/16 ;;
    network.serviceCidr) show_option service-cidr 10.43.0.0/16 ;;
    network.clusterDns) show_option cluster-dns 10.43.0.10 ;;
  esac
}

# show_option NAME DEFAULT: RKE2's own option, or RKE2's default
show_option() {
  shown=
  [ ! -e "$SHOWN_ETC/config.yaml" ] || shown=$(sed -n "s/^$1: *//p" "$SHOWN_ETC/config.yaml" | tr -d "\"'")
  echo "${shown:-$2}"
}
