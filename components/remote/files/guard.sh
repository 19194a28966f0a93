# shellcheck shell=sh
# Changes that could lock the operator out (firewall, sshd) undo themselves after GUARD_SECONDS, and at the next
# boot, unless a connection that was made after the change has been seen to work: the next resource's. A guard
# bears the name of the step that makes the change and is a folder:
#
#   previous/ wanted/   the files as last confirmed, and as they shall be, under their paths
#   paths               those paths, one a line
#   undo redo           commands that put previous/ and wanted/ in force once the files are there
#   armed               when the change was made (clock ticks since boot); absent once it was undone
#   rollbacks           how often it was undone; after the second time it is refused

GUARD_SECONDS=120
GUARD_UNIT=vmstation-guard.service
GUARD_WANTED=/etc/systemd/system/multi-user.target.wants/$GUARD_UNIT

# Clock ticks since boot, of which Linux shows programs a hundred a second (proc(5), USER_HZ).
# Not by print: mawk, Debian's awk, writes what is above 2^31, as after 249 days, as 2.14748e+09.
ticks_now() { awk '{printf "%.0f\n", $1 * 100}' /proc/uptime; }

# When the SSH session that we run in began, in the same ticks; 0 where we run in none.
session_began() {
  ancestor=$$
  while [ "$ancestor" -gt 1 ]; do
    read -r comm <"/proc/$ancestor/comm"
    case $comm in sshd | sshd-session) break ;; esac
    ancestor=$(awk '/^PPid:/ {print $2}' "/proc/$ancestor/status")
  done
  [ "$ancestor" -gt 1 ] || { echo 0 && return 0; }
  sed 's/.*) //' "/proc/$ancestor/stat" | cut -d ' ' -f 20
}

# guard UNDO REDO PATH...: call before the paths change; their wanted content is among the step's files. What a
# guard that was never confirmed holds as previous stays the way back: it is what last was seen to work.
guard() {
  guard_dir=$STATE/guard/$STEP
  guard_undo=$1 guard_redo=$2
  shift 2
  rm -rf "$guard_dir.new"
  mkdir -p "$guard_dir.new/wanted"
  chmod 700 "$guard_dir.new"
  for each in "$@"; do
    printf '%s\n' "$each" >>"$guard_dir.new/paths"
    mkdir -p "$guard_dir.new/wanted${each%/*}"
    cp "$WORK/files$each" "$guard_dir.new/wanted$each"
  done
  printf '%s\n' "$guard_redo" >"$guard_dir.new/redo"
  if [ -e "$guard_dir/undo" ]; then
    cp -a "$guard_dir/previous" "$guard_dir/undo" "$guard_dir.new/"
  else
    keep_previous "$guard_dir.new/previous" "$@"
    printf '%s\n' "$guard_undo" >"$guard_dir.new/undo"
  fi
  echo 0 >"$guard_dir.new/rollbacks"
  rm -rf "$guard_dir"
  mv "$guard_dir.new" "$guard_dir"
  arm "$STEP"
}

keep_previous() {
  mkdir -p "$1"
  previous_dir=$1
  shift
  for each in "$@"; do
    mkdir -p "$previous_dir${each%/*}"
    [ ! -e "$each" ] || cp -a "$each" "$previous_dir$each"
  done
}

# switch.sh previous|wanted [boot]: puts one side of its guard in force. At boot only the files are put back: the
# services start after it and read them.
write_switch() {
  cat >"$STATE/guard/$1/switch.sh" <<'SWITCH'
set -eu
dir=${0%/*}
while read -r path; do
  if [ -e "$dir/$1$path" ]; then
    cp -a "$dir/$1$path" "${path%/*}/.vmstation.switch"
    [ ! -e "$path" ] || chmod --reference="$path" "${path%/*}/.vmstation.switch"
    mv -f "${path%/*}/.vmstation.switch" "$path"
  else
    rm -f "$path"
  fi
done <"$dir/paths"
case $1 in
  previous)
    if [ -e "$dir/armed" ]; then
      echo "$(($(cat "$dir/rollbacks") + 1))" >"$dir/rollbacks"
      rm -f "$dir/armed"
    fi
    [ "${2:-}" = boot ] || sh -c "$(cat "$dir/undo")"
    ;;
  wanted) sh -c "$(cat "$dir/redo")" ;;
esac
SWITCH
}

# A machine that is switched off and on because nobody gets in any more must come back as it was. Only the next boot
# reads the unit and its link, so systemd need not be told of either now: that takes it longer than all the rest.
write_boot_unit() {
  [ ! -e "$GUARD_WANTED" ] || return 0
  cat >"/etc/systemd/system/$GUARD_UNIT" <<UNIT
# Written by VMStation while a change of firewall or sshd waits for its confirmation.
[Unit]
Description=Undo changes that nobody confirmed (VMStation)
DefaultDependencies=no
RequiresMountsFor=$STATE
After=local-fs.target
Before=network-pre.target vmstation-firewall.service ssh.service sshd.service
Wants=network-pre.target

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'for guard in $STATE/guard/*/armed; do [ ! -e "\$\$guard" ] || sh "\$\${guard%%/*}/switch.sh" previous boot; done'

[Install]
WantedBy=multi-user.target
UNIT
  mkdir -p "${GUARD_WANTED%/*}"
  ln -sf "../$GUARD_UNIT" "$GUARD_WANTED"
  sync "/etc/systemd/system/$GUARD_UNIT" "${GUARD_WANTED%/*}"
}

drop_boot_unit() { rm -f "$GUARD_WANTED" "/etc/systemd/system/$GUARD_UNIT"; }

arm() {
  disarm "$1"
  write_switch "$1"
  write_boot_unit
  ticks_now >"$STATE/guard/$1/armed"
  systemd-run --quiet --collect --unit="vmstation-guard-$1" --on-active="$GUARD_SECONDS" \
    --timer-property=AccuracySec=1s /bin/sh "$STATE/guard/$1/switch.sh" previous
}

# The timer may be gone (a reboot): stopping what is not there is no failure. A transient unit has its file for as long
# as systemd knows it, which is quicker to ask.
disarm() {
  for each in timer service; do
    [ -e "/run/systemd/transient/vmstation-guard-$1.$each" ] || continue
    ! systemctl is-active -q "vmstation-guard-$1.$each" || systemctl stop "vmstation-guard-$1.$each"
  done
}

# confirm_guards: that we are here confirms every change made before our connection began. Done before the lock is
# waited for: the connection has worked by now, whatever holds the lock.
confirm_guards() {
  for guard_dir in "$STATE"/guard/*; do
    [ -e "$guard_dir/armed" ] || continue
    [ "$(session_began)" -gt "$(cat "$guard_dir/armed")" ] || continue
    disarm "${guard_dir##*/}"
    # The timer may have fired while we looked.
    [ -e "$guard_dir/armed" ] || continue
    rm -rf "$guard_dir"
    say "$STEP: a new connection works: the change of ${guard_dir##*/} stays"
  done
  [ -n "$(open_guards)" ] || drop_boot_unit
}

open_guards() { [ ! -d "$STATE/guard" ] || find "$STATE/guard" -mindepth 1 -maxdepth 1 -not -name '*.new' -printf '%f '; }

# redo_guards EXPECTED: what was undone because a run was cut is made again, for the next connection to
# confirm. EXPECTED has a line "PATH SHA256" for each file as the configuration wants it by now: a change that it
# no longer asks for is forgotten.
redo_guards() {
  for guard_dir in "$STATE"/guard/*; do
    [ -e "$guard_dir/rollbacks" ] || continue
    [ ! -e "$guard_dir/armed" ] || continue
    if ! still_expected "$guard_dir" "$1"; then
      rm -rf "$guard_dir"
      continue
    fi
    if [ "$(cat "$guard_dir/rollbacks")" -ge 2 ]; then
      fail "the change of ${guard_dir##*/} was undone twice: after it no new connection came within $GUARD_SECONDS s" \
        "read with 'pulumi preview --diff' what it changes about who may connect, and mend the configuration; where nothing is wrong with it, 'vmstation drift --fix' makes it again"
    fi
    say "$STEP: the change of ${guard_dir##*/} was undone because no new connection came in time; making it again"
    arm "${guard_dir##*/}"
    sh "$guard_dir/switch.sh" wanted
  done
}

still_expected() {
  while read -r each; do
    each_sum=$(sha256sum <"$1/wanted$each" | cut -c 1-64)
    printf '%s\n' "$2" | grep -qxF "$each $each_sum" || return 1
  done <"$1/paths"
}

# guard_files UNDO REDO PATH...: guards the change where there is one; where what is wanted is there already, an
# earlier change that was undone is no longer wanted.
guard_files() {
  guard_needed=
  [ ! -d "$STATE/pending/$STEP" ] || guard_needed=1
  guard_undo=$1 guard_redo=$2
  shift 2
  for each in "$@"; do cmp -s "$WORK/files$each" "$each" || guard_needed=1; done
  if [ -n "$guard_needed" ]; then
    guard "$guard_undo" "$guard_redo" "$@"
  elif [ -e "$STATE/guard/$STEP/rollbacks" ] && [ ! -e "$STATE/guard/$STEP/armed" ]; then
    rm -rf "$STATE/guard/$STEP"
  fi
}

# drop_guard: when the step is taken away there is nothing left to undo.
drop_guard() {
  disarm "$STEP"
  rm -rf "$STATE/guard/$STEP"
  [ -n "$(open_guards)" ] || drop_boot_unit
}
