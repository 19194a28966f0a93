#!/bin/sh
# The forced command of the backups' key: an archive of a known item, or one back, and nothing else.
set -eu
case ${SSH_ORIGINAL_COMMAND:-} in
  *[!a-z0-9\ -]*) ;;
  "archive "* | "restore "*)
    verb=${SSH_ORIGINAL_COMMAND%% *}
    exec sudo -n /usr/local/sbin/vmstation-backup-agent "$verb" "${SSH_ORIGINAL_COMMAND#* }"
    ;;
esac
echo "backup-gate: this key fetches and restores what is backed up, only" >&2
exit 2
