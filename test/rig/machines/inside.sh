#!/bin/bash
# The first process of a run, in PID, mount and network namespaces of its own:
# inside.sh FOLDER COMMAND... with FOLDER.new locked by the caller for as long as the run lives.
# When it ends, however it ends, the kernel ends everything that the run started and drops its
# mounts and its network. bash reaps what is orphaned meanwhile.
set -euo pipefail

folder=$1
shift

# The lock appears under its final name only once it is held: one that is free belongs to a dead run.
mv "$folder.new" "$folder.lock"
mount -t tmpfs -o mode=755 rig-run "$folder"

# iproute2 and nspawn keep records here; a run's are its own.
mkdir -p /run/netns /run/systemd/nspawn
mount -t tmpfs -o mode=755 rig-netns /run/netns
mount -t tmpfs -o mode=755 rig-nspawn /run/systemd/nspawn

ip link set lo up

code=0
"$@" || code=$?
exit "$code"
