# shellcheck shell=sh
# What every step runs in: `main VERB` takes the machine's lock, and for each of the resource's steps in turn unpacks
# settings and files and runs the one function, step, whose ensure_* calls then apply, check or remove what they name.
# The functions part_1, part_2 ... define one step each; the function resource sets what they have in common.
#
#   apply   make it so; a second run changes nothing
#   check   only look; a line "drift<TAB>KIND<TAB>NAME<TAB>REASON" for each difference, exit code 3 if any
#   remove  put back what was there before, or remove what we put there
#
# It arrives whole on standard input and only its last line calls anything, so that half a script does nothing.
# Everything is a function of plain POSIX sh: Debian's is dash, RHEL's is bash. What is kept of each step on the machine
# is in manifest.sh, which every script has as well.

STATE=/var/lib/vmstation
DRIFTED=3

# Progress goes to standard error. The connection may be gone: a line lost is no reason to stop half-way.
say() { printf '%s\n' "$*" >&2 || :; }

# fail CAUSE WHAT-TO-DO
fail() {
  [ -z "$RUN_DIR" ] || : >"$RUN_DIR/explained"
  printf 'vmstation: %s: %s: %s\n  to do: %s\n' "$MACHINE" "$STEP" "$1" "$2" >&2 || :
  exit 1
}

# drift KIND NAME REASON [FILE-WITH-DETAILS]
drift() {
  : >"$RUN_DIR/drifted"
  printf 'drift\t%s\t%s\t%s\n' "$1" "$2" "$3"
  [ -z "${4:-}" ] || sed 's/^/\t/' "$4"
}

# quietly COMMAND...: its output is shown only where it fails, and never meets a closed connection.
quietly() {
  "$@" >"$WORK/output" 2>&1 && return 0
  quietly_code=$?
  tail -n 30 "$WORK/output" | sed 's/^/  /' >&2 || :
  return "$quietly_code"
}

applying() { [ "$VERB" = apply ]; }
checking() { [ "$VERB" = check ]; }
removing() { [ "$VERB" = remove ]; }

# mark_pending TAG: something is about to change, and what on_change TAG names has to follow, even when this
# run is cut before it gets there. Cleared once the whole step has succeeded.
mark_pending() {
  owe "$1"
  removing || say "$STEP: changing $2"
}

# owe TAG: the same for what is not worth a line.
owe() {
  [ -d "$STATE/pending/$STEP" ] || mkdir -p "$STATE/pending/$STEP"
  : >"$STATE/pending/$STEP/$1"
}

# on_change TAG COMMAND...: after a change under TAG, in this run or in an earlier one that did not finish.
on_change() {
  tag=$1
  shift
  if [ -e "$STATE/pending/$STEP/$tag" ] && ! checking; then "$@"; fi
}

clear_pending() { [ ! -d "$STATE/pending/$STEP" ] || rm -rf "$STATE/pending/$STEP"; }

# In a folder of root's own: /run/lock is everybody's on Debian, and so would the lock be. Opened once: what a step
# takes again after it has released it is then held by all.
open_lock() {
  [ -d /run/vmstation ] || (umask 077 && mkdir -p /run/vmstation)
  exec 9>>/run/vmstation/lock
}

take_lock() {
  kind=-x
  ! checking || kind=-s
  if ! flock "$kind" -n 9; then
    say "$STEP: waiting for another run on this machine ($(cat /run/vmstation/owner 2>/dev/null || echo unknown))"
    flock "$kind" -w "${LOCK_SECONDS:-600}" 9 ||
      fail "another run has held this machine for ${LOCK_SECONDS:-600} s" \
        "let it finish, or end the process that 'fuser /run/vmstation/lock' (of the package psmisc) names there"
  fi
  checking || printf '%s, process %s, since %s\n' "$STEP" "$$" "$(date -u +%FT%TZ)" >/run/vmstation/owner
}

# Whether systemd and its logind run: only that can be asked not to suspend.
has_logind() { [ -d /run/systemd/system ] && [ -d /run/systemd/seats ]; }

# stay_awake: while this step runs logind refuses a suspend. Who holds its lock reads from a pipe that only we write to,
# so that it is released when we end, however that is.
stay_awake() {
  has_logind || return 0
  mkfifo "$WORK/awake" "$WORK/held"
  # shellcheck disable=SC2016 # the inner shell expands its own argument
  { systemd-inhibit --what=sleep --mode=block --who=vmstation --why="$STEP" \
    sh -c 'echo yes >"$1"; exec cat' sh "$WORK/held" || echo no >"$WORK/held"; } \
    <"$WORK/awake" >/dev/null 2>&1 9>&- &
  exec 8>"$WORK/awake"
  read -r awake_held <"$WORK/held"
  [ "$awake_held" = yes ] || say "$STEP: logind lets nobody hold this machine awake; going on without"
}

# explain_stop CODE: unless what stopped has said why
explain_stop() {
  [ ! -e "$RUN_DIR/explained" ] || return 0
  printf 'vmstation: %s: %s: stopped with code %s, for what the lines above say\n  to do: %s\n' \
    "$MACHINE" "$STEP" "$1" "mend that and run again; this step starts again" >&2 || :
  : >"$RUN_DIR/explained"
}

clean_up() {
  code=$?
  trap - EXIT
  [ "$code" -eq 0 ] || [ "$code" -eq "$DRIFTED" ] || explain_stop "$code"
  rm -rf "$RUN_DIR"
  exit "$code"
}

run_step() {
  : >"$WORK/manifest"
  if removing && was_taken_over; then return 0; fi
  step
  case $VERB in
    check) ! command -v check_units >/dev/null || check_units ;;
    apply)
      prune
      save_manifest "$WORK/manifest"
      clear_pending
      printf '%s\n' "$STEP" >>"$RUN_DIR/applied"
      ;;
    remove)
      # What the step's own order did not reach (it may have been described otherwise when it was put there).
      : >"$WORK/manifest"
      prune
      rm -f "$STATE/steps/$STEP" "$STATE/owners/$STEP"
      clear_pending
      ;;
  esac
}

# run_part NUMBER: in a shell of its own, as steps know nothing of each other's functions and variables.
run_part() {
  trap 'exit 130' INT TERM
  "part_$1"
  settings
  printf '%s\n' "$STEP" >"$RUN_DIR/step"
  WORK=$RUN_DIR/$1
  mkdir "$WORK"
  files
  run_step
}

# attempt COMMAND...: one of several things that do not need each other. Where it fails, which it says, the others are
# done anyway, and the step fails at its end by end_attempts.
attempt() {
  # Behind an "||" set -e would not hold in any of it.
  set +e
  (set -e; "$@")
  attempt_code=$?
  set -e
  [ "$attempt_code" -eq 0 ] || attempts_failed=$attempt_code
  [ "$attempt_code" -ne 130 ] || exit 130
}

attempts_failed=
end_attempts() { [ -z "$attempts_failed" ] || exit "$attempts_failed"; }

# go_on: whether the steps after the one that has just failed are done anyway. A check looks at all of them.
go_on() {
  if checking; then return 0; fi
  applying && [ "$parts_failed" -ne 130 ] || return 1
  case " ${INDEPENDENT:-} " in *" $STEP "*) return 0 ;; *) return 1 ;; esac
}

# What is built on comes first, and is taken away last.
run_parts() {
  part=1 part_last=$PARTS part_next=1 parts_failed=
  ! removing || part=$PARTS part_last=1 part_next=-1
  while :; do
    rm -f "$RUN_DIR/explained"
    # Behind an "||" set -e would not hold in any of it.
    set +e
    (set -e; run_part "$part")
    part_code=$?
    set -e
    if [ "$part_code" -ne 0 ]; then
      part_stopped "$part_code"
      go_on || break
    fi
    [ "$part" -ne "$part_last" ] || break
    part=$((part + part_next))
  done
  if [ -z "$parts_failed" ]; then
    ! applying || claim_applied
    return 0
  fi
  : >"$RUN_DIR/explained"
  exit "$parts_failed"
}

# A step's own program may end with the code that means drift, as systemctl does: here that is no more than a failure.
part_stopped() {
  STEP=$(cat "$RUN_DIR/step" || echo "$GROUP")
  explain_stop "$1"
  parts_failed=$1
  [ "$1" -ne "$DRIFTED" ] || parts_failed=1
}

main() {
  LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  export LC_ALL PATH
  umask 022
  VERB=${1:-}
  resource
  STEP=$GROUP
  RUN_DIR=
  case $VERB in apply | check | remove) ;; *) fail "no such verb: '$VERB'" "use apply, check or remove" ;; esac
  # A connection that is cut closes our output: finish the step anyway.
  trap '' PIPE HUP
  WORK=$(mktemp -d /run/vmstation.XXXXXX) || fail "cannot write to /run" "look at 'df /run' on the machine"
  RUN_DIR=$WORK
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  ! applying || ! command -v confirm_guards >/dev/null || confirm_guards
  open_lock
  take_lock
  checking || stay_awake
  run_parts
  [ ! -e "$RUN_DIR/drifted" ] || exit "$DRIFTED"
}
