#!/bin/bash
# Boots a machine and stays until it is off: boot.sh NAME ROOT REPOSITORY HOST_FOLDER CGROUP...
# HOST_FOLDER holds the pipes that the suspend hook talks through. Ends with 133 on a reboot.
set -euo pipefail

name=$1 root=$2 repository=$3 host_folder=$4
shift 4

# In control groups of its own a machine can be frozen as a whole.
for group in "$@"; do
  mkdir -p "$group"
  echo $$ > "$group/cgroup.procs"
done

export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
exec systemd-nspawn --quiet --boot --register=no --keep-unit --console=read-only \
  --machine="$name" --directory="$root" --network-namespace-path="/run/netns/$name" \
  --capability=CAP_NET_ADMIN --resolv-conf=off --timezone=off --link-journal=no \
  --bind-ro="$repository:/srv/rig-repository" --bind="$host_folder:/run/rig-host"
