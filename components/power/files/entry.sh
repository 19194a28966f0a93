#!/bin/sh
# Installed as vmstation-VERB.sh: runs that verb of the power controller.
set -eu
# The controller reads what programs say.
LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/var/lib/rancher/rke2/bin
# kubectl keeps what it discovers of the API there.
KUBECACHEDIR=${CACHE_DIRECTORY:-/var/cache/vmstation-power}
export LC_ALL PATH KUBECACHEDIR
verb=${0##*/vmstation-}
exec python3 -B "${VMSTATION_POWER:-/usr/local/lib/vmstation/power}/main.py" "${verb%.sh}" "$@"
