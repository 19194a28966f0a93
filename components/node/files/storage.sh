# shellcheck shell=sh
# File systems as systemd mount and automount units, and NFS exports. An automount costs nothing while its
# server sleeps: boot, log-in and df never wait for it, only what really opens a path below it.

UNITS=/etc/systemd/system
EXPORTS_FILE=/etc/exports.d/vmstation.exports
NFS_CONF=/etc/nfs.conf.d/vmstation.conf

reload_systemd() { systemctl daemon-reload; }

# A mount that is already there by other means (fstab, by hand) is taken as it is. Asked before our units are there:
# a mount unit of ours would hide fstab's, and with it the options that the owner chose.
mounted_elsewhere() { ! recorded file "$UNITS/$2.mount" && mountpoint -q "$1"; }

# leave_out PATH...: files of this step that are not put on this machine
leave_out() {
  for each_path in "$@"; do
    OUT=$each_path awk '$0 != ENVIRON["OUT"]' "$WORK/paths" >"$WORK/paths.new"
    mv "$WORK/paths.new" "$WORK/paths"
  done
}

# Mount points that are ours to automount, to $WORK/mounts.
choose_mounts() {
  : >"$WORK/mounts"
  while read -r mount_path mount_name mount_device; do
    [ -n "$mount_path" ] || continue
    if ! removing && mounted_elsewhere "$mount_path" "$mount_name"; then
      say "$STEP: $mount_path is mounted already, by other means; left as it is"
      leave_out "$UNITS/$mount_name.mount" "$UNITS/$mount_name.automount" "$UNITS/$mount_device.d/50-vmstation.conf"
    else
      printf '%s %s\n' "$mount_path" "$mount_name" >>"$WORK/mounts"
    fi
  done <<EOF
$MOUNTS
EOF
}

# The folder below a mount belongs to the disk: its mode is not ours to check once something is mounted.
# One that we made stays recorded, or a second apply would take it away, and wake what is mounted there for it.
ensure_mount_dir() {
  if [ ! -d "$1" ]; then
    ensure_dir "$1" 0755 root:root
  elif applying && recorded dir "$1"; then
    record dir "$1"
  fi
}

# nfsd reads its versions when it starts, and the distribution has started it when it was installed.
restart_nfs_server() { systemctl try-restart "$NFS_SERVER_UNIT"; }

ensure_exports() {
  for each_export in $EXPORTS; do ensure_mount_dir "$each_export"; done
  on_change nfs-conf restart_nfs_server
  ensure_unit "$NFS_SERVER_UNIT" enabled active
  on_change files quietly exportfs -ra
}

# What is exported stays so until exportfs has read its files again.
forget_exports() {
  recorded file "$EXPORTS_FILE" || return 0
  remove_recorded unit "$NFS_SERVER_UNIT"
  remove_recorded file "$EXPORTS_FILE"
  quietly exportfs -ra
}

step() {
  choose_mounts
  if ! removing; then
    [ -z "$EXPORTS" ] || ensure_file "$NFS_CONF" nfs-conf
    ensure_files
    on_change files reload_systemd
  fi
  while read -r mount_path mount_name; do
    ensure_mount_dir "$mount_path"
    ensure_unit "$mount_name.automount" enabled active
  done <"$WORK/mounts"
  if removing || { applying && [ -z "$EXPORTS" ]; }; then
    forget_exports
  elif [ -n "$EXPORTS" ]; then
    ensure_exports
  fi
  if removing; then
    ensure_files
    on_change files reload_systemd
  fi
}
