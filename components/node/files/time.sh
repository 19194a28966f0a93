# shellcheck shell=sh
# chrony, and nothing else that sets the clock.

step() {
  ensure_unit systemd-timesyncd.service disabled inactive
  ensure_files
  ensure_unit "$CHRONY_UNIT" enabled active
  on_change files systemctl restart "$CHRONY_UNIT"
}
