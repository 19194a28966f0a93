#!/bin/sh
# What sudo lets the backups' user run.
set -eu
LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
exec python3 -B /usr/local/lib/vmstation/backup-agent.py "$@"
