# shellcheck shell=sh
# rsyslog to the log server, how often that looks at the logs' size, and the journal's limits.

restart_timer() {
  systemctl daemon-reload
  systemctl try-restart logrotate.timer
}

step() {
  [ -z "$LOG_FOLDER" ] || ensure_dir "$LOG_FOLDER" 0755 root:root
  ensure_file /etc/systemd/journald.conf.d/50-vmstation.conf journal
  on_change journal systemctl restart systemd-journald.service
  for each_path in $SYSLOG_FILES; do ensure_file "$each_path" syslog; done
  ensure_unit rsyslog.service enabled active
  on_change syslog systemctl restart rsyslog.service
  [ -n "$LOGROTATE_TIMER" ] || return 0
  ensure_file "$LOGROTATE_TIMER" timer
  ensure_unit logrotate.timer enabled active
  on_change timer restart_timer
}
