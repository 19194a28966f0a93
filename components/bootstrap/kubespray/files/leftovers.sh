# shellcheck shell=sh
# What the controller keeps for as long as it may still be needed: checkout, Ansible, key, records and logs of runs.
step() {
  ensure_files
  rm -rf "$KUBESPRAY_HOME" "$STATE/bootstrap" "$STATE/run"
}
