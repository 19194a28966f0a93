# shellcheck shell=sh disable=SC2154
# The controller of the backups: its programs, timers and key. Prints the public key. Backups are never removed.

step() {
  ! applying || require_schedules
  ensure_controller 0700 "vmstation backups on $MACHINE"
  removing || ensure_files
  removing || on_change files systemctl daemon-reload
  for timer in $TIMERS; do
    ensure_unit "$timer.timer" enabled active
    removing || on_change files systemctl restart "$timer.timer"
  done
  ! applying || on_change files /usr/local/bin/vmstation-backup setup
  finish_controller ensure_files
}

# systemd would leave out a timer that it cannot read, and only the journal would say so.
require_schedules() {
  while IFS= read -r schedule; do
    quietly systemd-analyze calendar -- "$schedule" ||
      fail "systemd does not understand the schedule '$schedule'" "correct it under vmstation:backup"
  done <<END
$SCHEDULES
END
}
