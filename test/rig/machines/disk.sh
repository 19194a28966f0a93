#!/bin/bash
# A machine's disk: the common base, and above it a layer of its own in memory.
#   disk.sh create FOLDER BASE SIZE    FOLDER/root is the file system; SIZE as tmpfs takes it
#   disk.sh leave FOLDER KIB           shrinks it to what it holds, and so many KiB
#   disk.sh resize FOLDER SIZE
#   disk.sh remove FOLDER
set -euo pipefail

create() {
  local folder=$1 base=$2 size=$3
  mkdir -p "$folder/layer" "$folder/root"
  mount -t tmpfs -o "mode=755,size=$size" rig-disk "$folder/layer"
  mkdir "$folder/layer/upper" "$folder/layer/work"
  mount -t overlay rig-root "$folder/root" \
    -o "lowerdir=$base,upperdir=$folder/layer/upper,workdir=$folder/layer/work"
}

leave() {
  local used
  used=$(df --output=used --block-size=1K "$1/layer" | tail -n 1)
  resize "$1" "$((used + $2))K"
}

resize() {
  mount -o "remount,size=$2" "$1/layer"
}

remove() {
  for mount in "$1/root" "$1/layer"; do
    if mountpoint --quiet "$mount"; then umount "$mount"; fi
  done
}

"$@"
