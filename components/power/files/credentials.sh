# shellcheck shell=sh
# The power controller's account in the cluster, and the passwords that it uses. They are read at each use.

step() {
  ensure_dir /etc/vmstation/power 0700 root:root
  ensure_files
}
