# shellcheck shell=sh
# On the controller, before machines join: those that join again, as a new machine or with new roles, leave the cluster.
# CHANGER and SPEC: the program that does it, and what it is told.
step() {
  ensure_files
  if ! applying; then return 0; fi
  change_members arrivals
}
