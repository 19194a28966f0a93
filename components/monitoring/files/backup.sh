# shellcheck shell=sh
# The backup of monitoring's data: its program, its settings and its timer.

step() {
  removing || ensure_backup_files
  ensure_unit vmstation-backup-monitoring.timer enabled active
  if removing; then
    ensure_backup_files
    systemctl daemon-reload
  else
    on_change files systemctl restart vmstation-backup-monitoring.timer
  fi
}

ensure_backup_files() {
  ensure_files
  on_change files systemctl daemon-reload
}
