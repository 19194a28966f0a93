#!/bin/bash
# Boots a machine and stays until it is off: boot.sh NAME ROOT REPOSITORY HOST_FOLDER KIND CGROUP...
# HOST_FOLDER holds the pipes that the suspend hook talks through. KIND is bare, or pods: it can run a kubelet.
# Ends with 133 on a reboot.
set -euo pipefail

name=$1 root=$2 repository=$3 host_folder=$4 kind=$5
shift 5

# A new group of this hierarchy has no processors and no memory until they are given.
fill_cpuset() {
  local group
  for group in "${1%/*}" "$1"; do
    cat "${1%/*/*}/cpuset.cpus" > "$group/cpuset.cpus"
    cat "${1%/*/*}/cpuset.mems" > "$group/cpuset.mems"
    echo 1 > "$group/cgroup.clone_children"
  done
}

# What an earlier boot has left in a group is empty once its last process has ended, which after a power cut takes a while.
clear_group() {
  local tries=100
  until find "$1" -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null; do
    if [ $((tries--)) = 0 ]; then exit 1; fi
    sleep 0.1
  done
}

# In control groups of its own a machine can be frozen as a whole, and its kubelet sees none but its own.
for group in "$@"; do
  mkdir -p "$group"
  clear_group "$group"
  if [ -e "$group/cpuset.cpus" ]; then fill_cpuset "$group"; fi
  echo $$ > "$group/cgroup.procs"
done

options=(
  --quiet --boot --register=no --keep-unit --console=read-only --machine="$name" --directory="$root"
  --network-namespace-path="/run/netns/$name" --resolv-conf=off --timezone=off --link-journal=no
  --bind-ro="$repository:/srv/rig-repository" --bind="$host_folder:/run/rig-host"
)
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
if [ "$kind" = pods ]; then
  # Containers in containers need what a container is denied; the kubelet reads the kernel's log.
  export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=0 SYSTEMD_SECCOMP=0
  options+=(--capability=all --private-users=no --bind=/dev/kmsg)
  # What follows is the command line of the machine's systemd. Debian 13's does not start on the first version otherwise.
  options+=(SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1 systemd.unified_cgroup_hierarchy=0)
else
  export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
  options+=(--capability=CAP_NET_ADMIN)
fi
exec systemd-nspawn "${options[@]}"
