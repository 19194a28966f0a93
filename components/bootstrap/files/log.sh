# shellcheck shell=sh
# log_run NAME LINES [follow]: the log of the run NAME on this machine, its last LINES; with `follow` until it has ended.
# What became of the run goes to standard error. Takes no lock and changes nothing. Exit code 3: it never ran here.
log_run() {
  log_dir=/var/lib/vmstation/run/$1
  [ -e "$log_dir/log" ] || exit 3
  log_pid=$(systemctl show -p MainPID --value "vmstation-$1.service")
  if [ "${log_pid:-0}" -gt 0 ]; then
    echo "running since $(date -r "$log_dir/digest" -u +%FT%TZ)" >&2
    if [ "${3:-}" = follow ]; then
      tail -n "$2" -s 0.2 -f --pid="$log_pid" "$log_dir/log"
      log_pid=0
    else
      tail -n "$2" "$log_dir/log"
    fi
  else
    tail -n "$2" "$log_dir/log"
  fi
  [ "$log_pid" -eq 0 ] || return 0
  if [ -e "$log_dir/rc" ]; then
    echo "ended with code $(cat "$log_dir/rc") at $(date -r "$log_dir/rc" -u +%FT%TZ)" >&2
  else
    echo "was ended from outside; the next up takes it up again" >&2
  fi
}
