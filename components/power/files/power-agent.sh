#!/bin/sh
# What sudo lets the power controller's user run.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
exec python3 -B /usr/local/lib/vmstation/power-agent.py "$@"
