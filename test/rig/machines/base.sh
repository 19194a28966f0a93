#!/bin/bash
# Builds what all machines of one Debian share, once: base.sh TARGET SUITE makes
#   TARGET/base        a bare Debian with systemd and sshd, and the user "ops"; SUITE is bookworm (12) or trixie (13)
#   TARGET/repository  a flat apt repository with what the program installs on it
#   TARGET/id_ed25519  the key pair that "ops" lets in
# The mirror is debootstrap's default, or VMSTATION_RIG_MIRROR. Needs root and the network.
set -euo pipefail
umask 022

here=$(dirname "$(readlink -f "$0")")
final=$1
suite=$2
target=$final.part
base=$target/base
repository=$target/repository

# A name, or one with the only suite that has it.
packages() { awk -v suite="$suite" '{sub(/#.*/, "")} NF == 1 || (NF == 2 && $2 == suite) {print $1}' "$here/$1"; }

bootstrap() {
  debootstrap --variant=minbase --include="$(packages packages-base | paste -sd,)" \
    "$suite" "$base" ${VMSTATION_RIG_MIRROR:+"$VMSTATION_RIG_MIRROR"}
}

# Downloads the packages with their dependencies, and again those that the base has already, so that
# a machine can reinstall them.
fill_repository() {
  mkdir -p "$repository"
  mapfile -t wanted < <(packages packages-repository)
  mount --bind "$repository" "$base/var/cache/apt/archives"
  mkdir -p "$repository/partial"
  chroot "$base" apt-get -q update
  chroot "$base" apt-get -qy --no-install-recommends --download-only install "${wanted[@]}"
  chroot "$base" apt-get -qy --no-install-recommends --download-only --reinstall install "${wanted[@]}"
  umount "$base/var/cache/apt/archives"
  rm -rf "$repository/partial" "$repository/lock"
  (cd "$repository" && apt-ftparchive packages . > Packages)
  chmod -R a+rX "$repository"
}

let_operator_in() {
  ssh-keygen -q -t ed25519 -N '' -C vmstation-rig -f "$target/id_ed25519"
  chroot "$base" useradd --create-home --shell /bin/bash --groups sudo ops
  install -d -m 700 -o 1000 -g 1000 "$base/home/ops/.ssh"
  install -m 600 -o 1000 -g 1000 "$target/id_ed25519.pub" "$base/home/ops/.ssh/authorized_keys"
  echo 'ops ALL=(ALL) NOPASSWD:ALL' > "$base/etc/sudoers.d/ops"
  chmod 440 "$base/etc/sudoers.d/ops"
}

add_stand_ins() {
  local files=$here/files units=$base/etc/systemd/system
  install -D -m 755 "$files/rig-stand-ins" "$base/usr/local/lib/rig-stand-ins"
  install -D -m 644 "$files/rig-stand-ins.service" "$units/rig-stand-ins.service"
  install -D -m 755 "$files/rig-suspend" "$base/usr/lib/systemd/system-sleep/zz-rig"
  install -D -m 644 "$files/chrony.conf" "$units/chrony.service.d/rig.conf"
  mkdir -p "$units/sysinit.target.wants" "$base/srv/rig-repository" "$base/lib/modules"
  ln -s ../rig-stand-ins.service "$units/sysinit.target.wants/rig-stand-ins.service"
  install -m 644 "$files/sources.list" "$base/etc/apt/sources.list"
}

# What every machine has to make for itself, and what only the build needed.
clean() {
  rm -f "$base"/etc/ssh/ssh_host_*
  : > "$base/etc/machine-id"
  : > "$base/etc/fstab"
  echo debian > "$base/etc/hostname"
  printf '127.0.0.1\tlocalhost\n127.0.1.1\tdebian\n' > "$base/etc/hosts"
  rm -rf "$base"/var/lib/apt/lists/* "$base"/var/cache/apt/* "$base"/var/log/journal
  rm -rf "$base"/usr/share/doc/* "$base"/usr/share/man/* "$base"/usr/share/locale/*
  mkdir -p "$base/var/log/journal"
}

# Another run may have built it while this one waited for the lock.
if [ -d "$final" ]; then exit 0; fi
rm -rf --one-file-system "$target"
mkdir -p "$target"
bootstrap
fill_repository
let_operator_in
add_stand_ins
clean
mv "$target" "$final"
