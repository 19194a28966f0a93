# shellcheck shell=sh
# Takes one machine out of a cluster. The method's own script defines take_away.
step() {
  take_away
  # Also where an earlier reset was cut before it came to them.
  forget_pod_routes "$POD_CIDR"
}
