# shellcheck shell=sh
# The folder that holds volumes. FOLDER is its path, MODE and OWNER are what it gets where it is new, MOUNT is the mount
# point that has to be there first ("-": it lies on the root file system), KEY names it in the configuration. A file in it
# says that it is the right one: on a root file system below a disk that is not mounted there is none.

step() {
  if [ "$MOUNT" != - ] && ! removing && ! mounted "$MOUNT"; then
    checking || fail "nothing is mounted at $MOUNT, where $FOLDER belongs" \
      "mount it, or describe its source under vmstation:machines.$MACHINE.mounts"
    drift mount "$MOUNT" "nothing is mounted there"
    return 0
  fi
  removing || ensure_folder "$FOLDER" "$MODE" "$OWNER" "$KEY"
  ensure_files
  ! removing || ensure_folder "$FOLDER" "$MODE" "$OWNER" "$KEY"
}
