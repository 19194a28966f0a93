# shellcheck shell=sh
# File systems as systemd mount and automount units, and NFS exports. An automount costs nothing while its
# server sleeps: boot, log-in and df never wait for it, only what really opens a path below it.

UNITS=/etc/systemd/system
EXPORTS_FILE=/etc/exports.d/vmstation.exports
NFS_CONF=/etc/nfs.conf.d/vmstation.conf

reload_systemd() { systemctl daemon-reload; }

# A mount that is there by other means (fstab, by hand) is taken as it is. Asked before our units are there: a mount
# unit of ours would hide fstab's, and with it the options that the owner chose. An entry whose disk is not mounted
# now counts too; and nothing here touches the path itself, which may be on a server that is away.
mounted_elsewhere() {
  if recorded file "$UNITS/$2.mount"; then return 1; fi
  WHERE=$1 awk '$5 == ENVIRON["WHERE"] {found = 1} END {exit !found}' /proc/self/mountinfo || in_fstab "$1"
}

# fstab(5) writes a blank as \040, and may any character so; slashes that are too many mean nothing.
in_fstab() {
  [ -e /etc/fstab ] || return 1
  WHERE=$1 awk '
    function plain(text, done, code) {
      while (match(text, /\\[0-7][0-7][0-7]/)) {
        code = substr(text, RSTART + 1, 3)
        done = done substr(text, 1, RSTART - 1) \
          sprintf("%c", substr(code, 1, 1) * 64 + substr(code, 2, 1) * 8 + substr(code, 3, 1))
        text = substr(text, RSTART + 4)
      }
      text = done text
      gsub(/[/]+/, "/", text)
      if (text != "/") sub(/[/]$/, "", text)
      return text
    }
    $1 !~ /^#/ && plain($2) == ENVIRON["WHERE"] {found = 1}
    END {exit !found}' /etc/fstab
}

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
      say "$STEP: $mount_path is mounted, or in /etc/fstab, by other means; left as it is"
      leave_out "$UNITS/$mount_name.mount" "$UNITS/$mount_name.automount" "$UNITS/$mount_device.d/50-vmstation.conf"
    else
      printf '%s %s\n' "$mount_path" "$mount_name" >>"$WORK/mounts"
    fi
  done <<EOF
$MOUNTS
EOF
}

# ensure_automount PATH NAME: below a mount the folder belongs to the disk. One that we made stays recorded, or a second
# apply would take it away, and wake what is mounted there for it. While the automount is there, the folder is busy.
ensure_automount() {
  removing || ensure_place "$1" 0755 root:root
  ensure_unit "$2.automount" enabled active
  ! removing || ensure_place "$1" 0755 root:root
}

# nfsd reads its versions when it starts, and the distribution has started it when it was installed.
restart_nfs_server() { [ "$(unit_active "$NFS_SERVER_UNIT")" = inactive ] || systemctl restart "$NFS_SERVER_UNIT"; }

ensure_exports() {
  for each_export in $EXPORTS; do ensure_place "$each_export" 0755 root:root; done
  on_change nfs-conf restart_nfs_server
  ensure_unit "$NFS_SERVER_UNIT" enabled active
  ensure_in_force
  on_change files quietly exportfs -ra
}

# list_exports: PATH CLIENT ro|rw of each client in lines of exports(5)
list_exports() {
  awk '!/^#/ {for (i = 2; i <= NF; i++) {
    split($i, part, "[(]")
    print $1, part[1], (("," part[2]) ~ /,rw[,)]/ ? "rw" : "ro")
  }}' | sort
}

# What is exported, and by which versions: files that say so are in force only once somebody has read them.
ensure_in_force() {
  list_exports <"$WORK/files$EXPORTS_FILE" >"$WORK/described"
  exportfs -s 2>/dev/null | list_exports | awk '
    NR == FNR {ours[$1] = 1; next}
    $1 in ours' "$WORK/described" - >"$WORK/exported"
  if ! diff -u --label described --label machine "$WORK/described" "$WORK/exported" >"$WORK/diff"; then
    ! checking || drift exports "$EXPORTS_FILE" "what is exported differs" "$WORK/diff"
    ! applying || mark_pending files "what is exported"
  fi
  if checking && grep -qs '+3' /proc/fs/nfsd/versions; then
    drift nfs "$NFS_SERVER_UNIT" "serves version 3 too"
  fi
}

# What is exported stays so until exportfs has read its files again, and what is exported cannot be unmounted. systemd
# is told, or the server would stop together with a mount that it no longer needs.
forget_exports() {
  if recorded file "$EXPORTS_FILE"; then
    owe exports
    remove_recorded file "$NFS_CONF"
    remove_recorded file "$EXPORTS_FILE"
  fi
  on_change exports reload_systemd
  on_change exports unexport
  remove_recorded unit "$NFS_SERVER_UNIT"
  on_change exports restart_nfs_server
}

unexport() { ! command -v exportfs >/dev/null || quietly exportfs -ra; }

step() {
  choose_mounts
  if removing || { applying && [ -z "$EXPORTS" ]; }; then forget_exports; fi
  if ! removing; then
    if [ -n "$EXPORTS" ]; then
      ensure_file "$NFS_CONF" nfs-conf
      leave_out "$NFS_CONF"
    fi
    ensure_files
    on_change files reload_systemd
  fi
  while read -r mount_path mount_name; do
    attempt ensure_automount "$mount_path" "$mount_name"
  done <"$WORK/mounts"
  if ! removing && [ -n "$EXPORTS" ]; then ensure_exports; fi
  end_attempts
  if removing; then
    ensure_files
    on_change files reload_systemd
  fi
}
