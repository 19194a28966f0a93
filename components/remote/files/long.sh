# shellcheck shell=sh
# Work of more than a minute: a transient systemd unit that outlives the connection, its log on the machine.
# Meanwhile logind refuses to suspend the machine or to switch it off.
# Everything about it lies in $STATE/run/NAME: digest (of the intent), log, progress (what an operator is
# shown), failure (why it failed, if the work says so) and rc, which is there only once it has ended.

# long_state NAME: running, succeeded, failed, interrupted (a reboot, an end by force) or never
long_state() {
  case $(systemctl show -p ActiveState --value "vmstation-$1.service") in
    active | activating | deactivating | reloading) echo running ;;
    *)
      if [ -e "$STATE/run/$1/rc" ]; then
        if [ "$(cat "$STATE/run/$1/rc")" = 0 ]; then echo succeeded; else echo failed; fi
      elif [ -e "$STATE/run/$1/digest" ]; then
        echo interrupted
      else
        echo never
      fi
      ;;
  esac
}

long_digest() { [ ! -e "$STATE/run/$1/digest" ] || cat "$STATE/run/$1/digest"; }

# run_long NAME DIGEST COMMAND...: a finished success with the same digest is not run again, a running unit is
# attached to, a failed or interrupted one is started again. The command finds the path of its progress file in
# VMSTATION_PROGRESS, of its failure file in VMSTATION_FAILURE.
run_long() {
  long_name=$1 long_wanted=$2
  shift 2
  case $VERB in
    apply) long_apply "$@" ;;
    check)
      long_now="$(long_state "$long_name") $(long_digest "$long_name")"
      [ "$long_now" = "succeeded $long_wanted" ] || drift run "$long_name" "is ${long_now% *}, or of another intent"
      ;;
    remove) ;;
  esac
}

long_apply() {
  long_dir=$STATE/run/$long_name
  long_unit=vmstation-$long_name.service
  if [ "$(long_state "$long_name")" = running ] && [ "$(long_digest "$long_name")" != "$long_wanted" ]; then
    say "$STEP: an earlier run of $long_name, of another intent, is still going on; waiting for it"
    long_attach 5
  fi
  case $(long_state "$long_name") in
    running)
      say "$STEP: attaching to $long_name, which is still running"
      long_attach 5
      ;;
    succeeded)
      [ "$(long_digest "$long_name")" != "$long_wanted" ] || return 0
      long_start "$@"
      ;;
    failed | interrupted)
      say "$STEP: the last run of $long_name did not succeed; starting it again"
      long_start "$@"
      ;;
    never) long_start "$@" ;;
  esac
  long_report
}

# The digest is written last: cut before that, the next run starts from nothing.
long_start() {
  mkdir -p "$long_dir"
  chmod 700 "$long_dir"
  rm -f "$long_dir/rc" "$long_dir/digest" "$long_dir/failure"
  : >"$long_dir/log"
  : >"$long_dir/progress"
  : >"$long_dir/arguments"
  for long_argument in "$@"; do
    printf %s "$long_argument" | base64 -w 0 >>"$long_dir/arguments"
    echo >>"$long_dir/arguments"
  done
  long_starter >"$long_dir/start"
  printf '%s\n' "$long_wanted" >"$long_dir/digest.new"
  sync "$long_dir/digest.new"
  mv -f "$long_dir/digest.new" "$long_dir/digest"
  # Arguments reach the unit in a file: systemd would expand dollar and per cent signs on a command line.
  set -- /bin/sh "$long_dir/start"
  ! has_logind || set -- systemd-inhibit --what=sleep:shutdown --mode=block --who=vmstation --why="$long_name" "$@"
  quietly systemd-run --quiet --collect --service-type=exec --unit="$long_unit" \
    --description="VMStation: $long_name" "$@" ||
    fail "systemd does not start $long_unit" "read 'journalctl -u $long_unit' there"
  long_attach +1
}

# The unit's own script: rc appears, whole, as its last act.
long_starter() {
  cat <<'START'
cd "${0%/*}" || exit 1
export VMSTATION_PROGRESS="$PWD/progress" VMSTATION_FAILURE="$PWD/failure"
set --
while read -r encoded; do
  argument=$(printf %s "$encoded" | base64 -d && echo .)
  set -- "$@" "${argument%.}"
done <arguments
code=0
"$@" >>log 2>&1 </dev/null || code=$?
echo "$code" >rc.new
sync rc.new
mv -f rc.new rc
exit "$code"
START
}

# long_attach FIRST-LINE: shows progress until the unit's process is gone. The machine's lock is free
# meanwhile: the unit's name is lock enough, and who is attached over a cut connection must not hold up others.
long_attach() {
  flock -u 9
  long_pid=$(systemctl show -p MainPID --value "$long_unit")
  if [ "${long_pid:-0}" -gt 0 ]; then
    # It ends with the process; where our own output is gone it ends at once, and there is nobody to go on for.
    tail -n "$1" -s 0.2 -f --pid="$long_pid" "$long_dir/progress" >&2 || exit 1
  else
    tail -n "$1" "$long_dir/progress" >&2 || exit 1
  fi
  take_lock
  # The process is gone; this waits until systemd has noticed, so that the name is free again.
  [ ! -e "$long_dir/rc" ] || systemctl stop "$long_unit" 2>/dev/null || :
}

long_report() {
  if [ "$(long_digest "$long_name")" != "$long_wanted" ]; then
    fail "a run of $long_name with another intent has taken the place of this one" "let it finish, then run the program again"
  fi
  if [ ! -e "$long_dir/rc" ]; then
    fail "$long_name was ended from outside before it was through" "run the program again: it resumes"
  fi
  long_code=$(cat "$long_dir/rc")
  [ "$long_code" != 0 ] || return 0
  if [ -s "$long_dir/failure" ]; then
    sed 's/^/  /' "$long_dir/failure" >&2 || :
  else
    tail -n 30 "$long_dir/log" | sed 's/^/  /' >&2 || :
  fi
  fail "$long_name ended with code $long_code" "mend the cause and run the program again: it resumes; the whole log is $long_dir/log on $MACHINE"
}
