#!/bin/bash
# A machine's disk: the common base, and above it a layer of its own in memory.
#   disk.sh create FOLDER BASE SIZE    FOLDER/root is the file system; SIZE as tmpfs takes it
#   disk.sh image FOLDER BASE SIZE     the same as an ext4 of its own, for what cannot live on layers: containers
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

image() {
  local folder=$1 base=$2 size=$3
  local file=$folder/layer/disk.ext4
  mkdir -p "$folder/layer" "$folder/root"
  mount -t tmpfs -o "mode=755,size=$size" rig-disk "$folder/layer"
  truncate --size "$size" "$file"
  mkfs.ext4 -q -m 0 -E lazy_itable_init=1,lazy_journal_init=1,nodiscard -d "$base" "$file"
  # What is deleted there gives its memory back.
  mount -o loop,discard "$file" "$folder/root"
}

leave() {
  local used
  used=$(df --output=used --block-size=1K "$1/layer" | tail -n 1)
  resize "$1" "$((used + $2))K"
}

resize() {
  mount -o "remount,size=$2" "$1/layer"
}

# What the machine ran ends in its own time, and holds its disk as long. Where that takes longer than 10 s, as with containers
# of a machine that lost its power, the disk leaves its folder now and ends with whatever holds it.
remove() {
  local tries=100
  for mount in "$1/root" "$1/layer"; do
    until ! mountpoint --quiet "$mount" || umount --quiet "$mount" 2>/dev/null; do
      if [ $((tries--)) -le 0 ]; then umount --lazy "$mount"; fi
      sleep 0.1
    done
  done
}

"$@"
