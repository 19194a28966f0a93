#!/bin/sh
# Installed as vmstation-backup: the backups' verbs.
set -eu
LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 077
exec python3 -B "${VMSTATION_BACKUP:-/usr/local/lib/vmstation/backup}/main.py" "$@"
