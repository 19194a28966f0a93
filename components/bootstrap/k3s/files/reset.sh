# shellcheck shell=sh
# Takes one machine out of a cluster by K3s, and forgets what was recorded of it.
take_away() {
  if [ -e /var/lib/rancher/k3s ] || [ -e /etc/rancher/k3s ] || [ -e /usr/local/bin/k3s ]; then
    say "$STEP: taking K3s away; local volumes and snapshots of etcd stay in /var/lib/rancher/k3s"
    quietly k3s_wipe || fail "K3s is not gone whole" "see above; a reboot releases what is in use, then run the reset again"
  fi
  rm -rf "$STATE/bootstrap" "$STATE/run/k3s"
}
