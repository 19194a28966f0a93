#!/bin/sh
# What sudo lets the controller's account run. Installed as vmstation-power-agent and vmstation-backup-agent.
set -eu
# The agent reads what programs say; a person on this machine may be used to another language.
LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
exec python3 -B "/usr/local/lib/vmstation/${0##*/vmstation-}.py" "$@"
