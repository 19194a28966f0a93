# shellcheck shell=sh
# One machine of an RKE2 cluster: its configuration, the release, and the service that starts it.
step() {
  ensure_files
  if removing; then return 0; fi
  if applying; then guard_existing rke2 /etc/rancher/rke2/rke2.yaml /usr/local/bin/rke2-uninstall.sh; fi
  run_long rke2 "$DIGEST" /bin/sh "$INSTALLER" "$RELEASE" "$ORIGIN" "$CHECKSUM" "$SERVICE" "$DIGEST"
}
