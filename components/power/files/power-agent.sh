#!/bin/sh
# What sudo lets the power controller's user run.
set -eu
# The agent reads what programs say; a person on this machine may be used to another language.
LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
exec python3 -B /usr/local/lib/vmstation/power-agent.py "$@"
