# shellcheck shell=sh disable=SC2154
# Secrets of the controller, in a folder that only root enters. They are read at each use.

step() {
  ensure_dir "/etc/vmstation/$ROLE" 0700 root:root
  ensure_files
}
