# shellcheck shell=sh
# The folders of monitoring's local volumes, only inside the mount that is to hold them: made anywhere else
# they would fill the root disk. Variables: MOUNT_POINT (empty: the root disk is meant), BASE, the folder that
# holds them, and FOLDERS, one "PATH UID:GID" a line.

step() {
  removing || require_mount
  removing || ensure_base
  # Its pod's at first. From then on the kubelet sets group and mode (fsGroup), and the pod what is inside.
  while read -r folder owner; do ensure_place "$folder" 0770 "$owner"; done <<END
$FOLDERS
END
  ! removing || ensure_base
}

# The folder that holds them, unless it is the mount itself.
ensure_base() { [ "$BASE" = "$MOUNT_POINT" ] || ensure_place "$BASE" 0755 root:root; }

require_mount() {
  [ -n "$MOUNT_POINT" ] || return 0
  if mounted "$MOUNT_POINT"; then return 0; fi
  if checking; then
    drift mount "$MOUNT_POINT" "not mounted"
    exit 0
  fi
  fail "nothing is mounted at $MOUNT_POINT, so $BASE would fill the root disk" \
    "set vmstation:machines.$MACHINE.mounts.$MOUNT_POINT.source, or look at 'systemctl status' of that mount"
}
