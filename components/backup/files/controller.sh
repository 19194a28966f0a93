# shellcheck shell=sh disable=SC2154
# The controller of the backups: its programs, timers and key. Prints the public key. Backups are never removed.

step() {
  ensure_dir /etc/vmstation/backup 0700 root:root
  ensure_dir /var/lib/vmstation/backup 0700 root:root
  ensure_dir /var/lib/node_exporter 0755 root:root
  ensure_dir /var/lib/node_exporter/textfile_collector 0755 root:root
  ! applying || require_schedules
  removing || ensure_key "$KEY" "vmstation backups on $MACHINE"
  removing || ensure_files
  removing || on_change files systemctl daemon-reload
  for timer in $TIMERS; do
    ensure_unit "$timer.timer" enabled active
    removing || on_change files systemctl restart "$timer.timer"
  done
  ! applying || on_change files /usr/local/bin/vmstation-backup setup
  ! removing || remove_all
  ! applying || cat "$KEY.pub"
}

# systemd would leave out a timer that it cannot read, and only the journal would say so.
require_schedules() {
  while IFS= read -r schedule; do
    quietly systemd-analyze calendar -- "$schedule" ||
      fail "systemd does not understand the schedule '$schedule'" "mend it under vmstation:backup"
  done <<END
$SCHEDULES
END
}

# The timers are stopped by now, before their programs go.
remove_all() {
  ensure_key "$KEY"
  ensure_files
  systemctl daemon-reload
}
