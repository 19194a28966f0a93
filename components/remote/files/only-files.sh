# shellcheck shell=sh
# A step that only brings files.

step() { ensure_files; }
