#!/bin/bash
# Fetches Debian's Ceph for the rig's machines: packages.sh BASE FOLDER makes FOLDER, a flat apt repository with all that is
# not in BASE. Needs root, the network and a mount namespace of its own. The mirror is VMSTATION_RIG_MIRROR, or Debian's.
set -euo pipefail

base=$1 folder=$2
work=$(mktemp -d)
root=$work/root

mount -t tmpfs ceph-packages "$work"
mkdir -p "$work/upper" "$work/work" "$root"
mount -t overlay ceph-packages "$root" -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/work"
cp /etc/resolv.conf "$root/etc/resolv.conf"
echo "deb ${VMSTATION_RIG_MIRROR:-http://deb.debian.org/debian} bookworm main" > "$root/etc/apt/sources.list"
chroot "$root" apt-get -qq update
chroot "$root" apt-get -qqy --no-install-recommends --download-only install ceph-mon ceph-osd > /dev/null
mkdir -p "$folder"
cp "$root"/var/cache/apt/archives/*.deb "$folder"
(cd "$folder" && apt-ftparchive packages . > Packages)
umount "$root" "$work"
rmdir "$work"
