# shellcheck shell=sh
# Changes that could lock the operator out (firewall, sshd) undo themselves after GUARD_SECONDS unless a new
# connection has been seen to work: the next step's own. A guard is a folder:
#
#   previous/ wanted/   the files before and after, under their paths (absent before: not in previous/)
#   paths reload        what to restore, and the command that makes a service read it
#   session             the SSH session that made the change: it proves nothing itself
#   rollbacks           how often it was undone; after the second time the change is refused

GUARD_SECONDS=120

# The process of the SSH session that we run in, with its start time; "local" where there is none.
ssh_session() {
  ancestor=$$
  while [ "$ancestor" -gt 1 ]; do
    read -r comm <"/proc/$ancestor/comm"
    case $comm in sshd | sshd-session) break ;; esac
    ancestor=$(awk '/^PPid:/ {print $2}' "/proc/$ancestor/status")
  done
  [ "$ancestor" -gt 1 ] || { echo local && return 0; }
  printf '%s %s\n' "$ancestor" "$(sed 's/.*) //' "/proc/$ancestor/stat" | cut -d ' ' -f 20)"
}

# guard NAME RELOAD PATH...: call before the paths change; their wanted content is among the step's files.
guard() {
  guard_dir=$STATE/guard/$1
  guard_reload=$2
  guard_name=$1
  shift 2
  disarm "$guard_name"
  rm -rf "$guard_dir.new" "$guard_dir"
  mkdir -p "$guard_dir.new/previous" "$guard_dir.new/wanted"
  chmod 700 "$guard_dir.new"
  for each in "$@"; do
    printf '%s\n' "$each" >>"$guard_dir.new/paths"
    mkdir -p "$guard_dir.new/wanted${each%/*}" "$guard_dir.new/previous${each%/*}"
    cp "$WORK/files$each" "$guard_dir.new/wanted$each"
    [ ! -e "$each" ] || cp -a "$each" "$guard_dir.new/previous$each"
  done
  printf '%s\n' "$guard_reload" >"$guard_dir.new/reload"
  echo 0 >"$guard_dir.new/rollbacks"
  mv "$guard_dir.new" "$guard_dir"
  arm "$guard_name"
}

# The script that puts one side of a guard in force; a transient timer runs it when nobody has confirmed.
write_switch() {
  cat >"$STATE/guard/$1/switch" <<'SWITCH'
#!/bin/sh
# switch previous|wanted: puts that side of this guard in force
set -eu
dir=${0%/*}
while read -r path; do
  if [ -e "$dir/$1$path" ]; then
    cp -a "$dir/$1$path" "${path%/*}/.vmstation.switch"
    chmod --reference="$dir/wanted$path" "${path%/*}/.vmstation.switch"
    mv -f "${path%/*}/.vmstation.switch" "$path"
  else
    rm -f "$path"
  fi
done <"$dir/paths"
if [ "$1" = previous ]; then
  echo "$(($(cat "$dir/rollbacks") + 1))" >"$dir/rollbacks"
  rm -f "$dir/session"
fi
sh -c "$(cat "$dir/reload")"
SWITCH
}

arm() {
  write_switch "$1"
  ssh_session >"$STATE/guard/$1/session"
  systemd-run --quiet --collect --unit="vmstation-guard-$1" --on-active="$GUARD_SECONDS" \
    --timer-property=AccuracySec=1s /bin/sh "$STATE/guard/$1/switch" previous
}

# The timer may be gone (a reboot): stopping what is not there is no failure.
disarm() {
  for each in timer service; do
    ! systemctl is-active -q "vmstation-guard-$1.$each" || systemctl stop "vmstation-guard-$1.$each"
  done
}

# settle_guards: what a step that came by a new connection does first.
settle_guards() {
  [ -d "$STATE/guard" ] || return 0
  for guard_dir in "$STATE"/guard/*; do
    [ -d "$guard_dir" ] || continue
    case $guard_dir in *.new) rm -rf "$guard_dir" && continue ;; esac
    settle_guard "${guard_dir##*/}" "$guard_dir"
  done
}

settle_guard() {
  if [ -e "$2/session" ]; then
    [ "$(cat "$2/session")" != "$(ssh_session)" ] || return 0
    disarm "$1"
    # The timer may have fired while we looked.
    if [ -e "$2/session" ]; then
      rm -rf "$2"
      say "$STEP: a new connection works: the change of $1 stays"
      return 0
    fi
  fi
  if [ "$(cat "$2/rollbacks")" -ge 2 ]; then
    rm -rf "$2"
    fail "the change of $1 was undone twice: after it no new connection came within $GUARD_SECONDS s" \
      "look at what it changes about who may connect (pulumi preview --diff), mend the configuration, run again"
  fi
  say "$STEP: the change of $1 was undone because no new connection came in time; trying it once more"
  arm "$1"
  sh "$2/switch" wanted
}
