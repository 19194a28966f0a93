#!/bin/sh
# Makes the folder of one claim; runs in a pod of the provisioner's on the machine. The kubelet makes the folder above it
# where the disk is not mounted: then there is no mark in it, and the root disk stays empty.
set -eu
above=${VOL_DIR%/*}
if [ ! -e "$above/.vmstation-volumes" ]; then
  echo "$above is not the folder of the storage class: is its disk mounted?" >&2
  exit 1
fi
[ -d "$VOL_DIR" ] || mkdir -m 0777 "$VOL_DIR"
