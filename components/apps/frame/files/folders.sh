# shellcheck shell=sh
# The folders of an app's local volumes. FOLDERS holds lines "PATH OWNER MOUNT KEY": OWNER is "-" where the folder is
# the user's own (it must be there, and stays as it is); MOUNT is "-" where the folder lies on the root file system
# on purpose, else the mount point that has to be there first, or the data would fill the root disk. KEY is that of the
# configuration which names the folder.

step() {
  printf '%s\n' "$FOLDERS" >"$WORK/folders"
  while read -r path owner mount key; do
    [ -n "$path" ] || continue
    attempt folder "$path" "$owner" "$mount" "$key"
  done <"$WORK/folders"
  end_attempts
}

folder() {
  if removing; then
    [ "$2" = - ] || ensure_folder "$1" 0750 "$2" "$4"
  elif [ "$3" != - ] && ! mounted "$3"; then
    checking || fail "nothing is mounted at $3, where $1 belongs" \
      "mount it, or describe its source under vmstation:machines.$MACHINE.mounts"
    drift mount "$3" "nothing is mounted there"
  elif [ "$2" = - ]; then
    existing "$1"
  else
    ensure_folder "$1" 0750 "$2" "$4"
  fi
}

existing() {
  [ ! -d "$1" ] || return 0
  checking || fail "there is no folder $1" "create it and put the files there; the program only reads it"
  drift dir "$1" "missing"
}
