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
# Everything is a function of plain POSIX sh: Debian's is dash, RHEL's is bash.

STATE=/var/lib/vmstation
DRIFTED=3
TAB=$(printf '\t')

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

# record KIND NAME [DETAIL]: what this step has put on the machine, for removing and pruning.
record() { printf '%s\t%s\t%s\n' "$1" "$2" "${3:-}" >>"$WORK/manifest"; }

# recorded KIND NAME: whether an earlier run put it there. A line of the manifest has two tabs and no kind ends like
# another one, so that only the start of a line can match.
recorded() { grep -qsF "$1$TAB$2$TAB" "$STATE/steps/$STEP"; }

# announce KIND NAME: names a thing in the saved manifest before it is made, so that a cut leaves no orphan.
announce() { recorded "$1" "$2" || append_manifest "$1" "$2"; }

# append_manifest KIND NAME [DETAIL]
append_manifest() {
  [ -d "$STATE/steps" ] || mkdir -p "$STATE/steps"
  printf '%s\t%s\t%s\n' "$1" "$2" "${3:-}" >>"$STATE/steps/$STEP"
}

# The manifest grows before the change and shrinks after the pruning: cut at any point, it still names
# everything that is there.
save_manifest() {
  sort -u "$1" >"$WORK/sorted"
  if cmp -s "$WORK/sorted" "$STATE/steps/$STEP"; then return 0; fi
  [ -d "$STATE/steps" ] || mkdir -p "$STATE/steps"
  cat "$WORK/sorted" >"$STATE/steps/.$STEP.new"
  sync "$STATE/steps/.$STEP.new"
  mv -f "$STATE/steps/.$STEP.new" "$STATE/steps/$STEP"
}

# prune: removes what an earlier version of this step put there and this one no longer names. It runs after the step,
# whose on_change handlers it does not bring about again: only systemd is told of units that went. What else has to
# follow, the step does itself, by remove_recorded and a handler, as storage does with its exports.
prune() {
  [ -e "$STATE/steps/$STEP" ] || return 0
  # A run that was cut has put its lines at the end.
  sort "$STATE/steps/$STEP" >"$WORK/before"
  no_longer_named "$WORK/before" >"$WORK/gone"
  while IFS=$TAB read -r kind name detail; do
    case $kind$name in file*/systemd/system/*) owe pruned-units ;; esac
    forget "$kind" "$name" "$detail"
  done <"$WORK/gone"
  on_change pruned-units systemctl daemon-reload
}

# no_longer_named SORTED-MANIFEST: the lines of it that are to be pruned. Units first: one whose file is gone is neither
# stopped nor disabled, and leaves a dangling link behind. Folders last, the inner ones first: only then are they empty.
no_longer_named() {
  awk -F '\t' '
    FILENAME == ARGV[1] {named[$1, $2]; next}
    ($1, $2) in named {next}
    $1 == "unit" {print; next}
    $1 == "dir" {folders[++count] = $0; next}
    {others = others $0 "\n"}
    END {
      printf "%s", others
      while (count) print folders[count--]
    }' "$WORK/manifest" "$1"
}

# forget KIND NAME DETAIL: undoes one thing. What was there before is let go of last: cut anywhere, a second
# removal finds it again.
forget() {
  say "$STEP: removing $1 $2"
  "forget_$1" "$2" "${3:-}"
  KIND=$1 NAME=$2 awk -F '\t' '!($1 == ENVIRON["KIND"] && $2 == ENVIRON["NAME"])' \
    "$STATE/steps/$STEP" >"$WORK/left"
  save_manifest "$WORK/left"
  [ "$1" != file ] || rm -f "$STATE/originals$2"
}

# remove_recorded KIND NAME: what ensure_* does when the step is taken away.
remove_recorded() {
  ! recorded "$1" "$2" || forget "$1" "$2" "$(detail_of "$1" "$2")"
}

# detail_of KIND NAME: what was noted when it was first put there
detail_of() {
  [ ! -e "$STATE/steps/$STEP" ] ||
    KIND=$1 NAME=$2 awk -F '\t' '$1 == ENVIRON["KIND"] && $2 == ENVIRON["NAME"] && $3 != "" {found = $3}
      END {print found}' "$STATE/steps/$STEP"
}

# Whose step it is: of which resource of which machine, by their names. Where either has got another name, or resources
# were grouped otherwise, the new one is applied before the old one is removed, which then must leave what the new one
# holds.
read_owner() {
  owner=
  [ ! -e "$STATE/owners/$STEP" ] || read -r owner <"$STATE/owners/$STEP" || :
}

# claim_applied: once all of the resource has succeeded. One that failed is not in Pulumi's state, so that nobody would
# ever remove what it had claimed; what it has changed goes with the old one.
claim_applied() {
  [ -e "$RUN_DIR/applied" ] || return 0
  while read -r STEP; do
    read_owner
    [ "$owner" = "$MACHINE $GROUP" ] || claim
  done <"$RUN_DIR/applied"
}

claim() {
  [ -d "$STATE/owners" ] || mkdir -p "$STATE/owners"
  printf '%s\n' "$MACHINE $GROUP" >"$STATE/owners/.$STEP.new"
  sync "$STATE/owners/.$STEP.new"
  mv -f "$STATE/owners/.$STEP.new" "$STATE/owners/$STEP"
  sync "$STATE/owners"
}

# What nobody has claimed goes with whoever removes it.
is_ours() {
  read_owner
  [ -z "$owner" ] || [ "$owner" = "$MACHINE $GROUP" ]
}

# In a folder of root's own: /run/lock is everybody's on Debian, and so would the lock be. Opened once: what a step
# takes again after it has let go of it is then held by all.
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
# so that it is let go of when we end, however that is.
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
    "$MACHINE" "$STEP" "$1" "mend that and run again; this step is taken up anew" >&2 || :
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
  if removing && ! is_ours; then
    say "$STEP: belongs to ${owner#* } of ${owner%% *} by now and stays"
    return 0
  fi
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

# What is built on comes first, and is taken away last. A check goes on after one that could not look.
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
    [ "$part_code" -eq 0 ] || part_stopped "$part_code"
    if [ "$part" -eq "$part_last" ] || { [ -n "$parts_failed" ] && ! checking; }; then break; fi
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
  # A connection that is cut closes our output: finish the step all the same.
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
