#!/bin/sh
# What sudo lets the backups' user run.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
exec python3 -B /usr/local/lib/vmstation/backup-agent.py "$@"
