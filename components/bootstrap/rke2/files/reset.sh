# shellcheck shell=sh
# Takes one machine out of a cluster by RKE2, with RKE2's own program, and forgets what was recorded of it. Volumes outside
# of RKE2's own folders stay.
take_away() {
  if [ -x /usr/local/bin/rke2-uninstall.sh ]; then
    say "$STEP: rke2-uninstall.sh"
    quietly /usr/local/bin/rke2-uninstall.sh
  fi
  rm -rf "$STATE/bootstrap" "$STATE/run/rke2"
}
