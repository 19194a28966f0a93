# shellcheck shell=sh
# One machine of an RKE2 cluster: its configuration, the release, and the service that starts it.
step() {
  if applying && [ -e "$STATE/bootstrap/rke2-intent" ]; then refuse_changes; fi
  ensure_files
  on_change files systemctl daemon-reload
  if [ "$RENEWS" = true ]; then ensure_unit vmstation-renew-by-restart.timer enabled active; fi
  if removing; then return 0; fi
  if applying; then
    guard_existing rke2 /etc/rancher/rke2/rke2.yaml /usr/local/bin/rke2-uninstall.sh
    drop_unwanted /etc/rancher/rke2/registries.yaml
  fi
  run_long rke2 "$DIGEST" /bin/sh "$INSTALLER" "$RELEASE" "$ORIGIN" "$CHECKSUMS" "$SERVICE" "$INTENT" "$MACHINE" "$SNAPSHOTS" "$SNAPSHOT_FOLDER"
  if applying; then
    remember_fixed
    keep_mounted /var/lib/rancher/rke2/agent/pod-manifests
  fi
}

# show_fixed KEY: what the last configuration said; for ../files/fixed.sh
show_fixed() {
  case $1 in
    network.podCidr) show_option cluster-cidr ;;
    network.serviceCidr) show_option service-cidr ;;
    network.clusterDns) show_option cluster-dns ;;
  esac
}

show_option() {
  [ ! -e /etc/rancher/rke2/config.yaml ] || sed -n "s/^$1: *//p" /etc/rancher/rke2/config.yaml | tr -d "\"'"
}
