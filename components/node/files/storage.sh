# shellcheck shell=sh
# File systems as systemd mount and automount units, and NFS exports. An automount costs nothing while its
# server sleeps: boot, log-in and df never wait for it, only what really opens a path below it.

reload_systemd() { systemctl daemon-reload; }

# A mount that is already there by other means (fstab, by hand) is taken as it is.
mounted_elsewhere() {
  mountpoint -q "$1" && [ "$(systemctl show -p FragmentPath --value "$2.mount")" != "/etc/systemd/system/$2.mount" ]
}

ensure_mount() {
  mount_point=$1
  mount_unit=$2
  ensure_mount_dir "$mount_point"
  if ! removing && mounted_elsewhere "$mount_point" "$mount_unit"; then
    say "$STEP: $mount_point is mounted already, by other means; left as it is"
    return 0
  fi
  ensure_unit "$mount_unit.automount" enabled active
}

# The folder below a mount belongs to the disk: its mode is not ours to check once something is mounted.
ensure_mount_dir() { [ -d "$1" ] || ensure_dir "$1" 0755 root:root; }

step() {
  if ! removing; then
    ensure_files
    on_change files reload_systemd
  fi
  while read -r mount_path mount_name; do
    [ -z "$mount_path" ] || ensure_mount "$mount_path" "$mount_name"
  done <<EOF
$MOUNTS
EOF
  for each_export in $EXPORTS; do ensure_mount_dir "$each_export"; done
  if [ -n "$EXPORTS" ]; then
    ensure_unit "$NFS_SERVER_UNIT" enabled active
    on_change files quietly exportfs -ra
  fi
  if removing; then
    ensure_files
    on_change files reload_systemd
  fi
}
