# shellcheck shell=sh
# What is mounted.

# mounted MOUNT_POINT: an automount answers as "autofs" until something looks inside; only the file system behind it
# counts.
mounted() {
  ls -d "$1/." >/dev/null 2>&1 || return 1
  findmnt -rn -o FSTYPE -M "$1" 2>/dev/null | grep -qvx autofs
}
