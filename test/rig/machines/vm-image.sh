#!/bin/bash
# Makes the QEMU machine's disk and kernel from the machines' base, without a network:
#   vm-image.sh CACHE TARGET NIC MAC ADDRESS/PREFIX GATEWAY
# fills the folder TARGET with vmlinuz, initrd.img, root.img and the host key's .pub. root.img is a disk with a
# partition table: the root file system, and a swap partition that systemd finds by its type alone. cloud.img is the
# same without address, user and host key, as Debian's cloud images are: cloud-init gives it these at its first boot.
# Run it in a mount namespace of its own.
set -euo pipefail
umask 022

cache=$1 final=$2 nic=$3 mac=$4 address=$5 gateway=$6
target=$final.part
root=$target/mount/root

# Another run may have made it while this one waited for the lock.
if [ -d "$final" ]; then exit 0; fi

mount_layers() {
  rm -rf --one-file-system "$target"
  mkdir -p "$target/mount"
  mount -t tmpfs rig-vm "$target/mount"
  mkdir "$target/mount/upper" "$target/mount/work" "$root"
  mount -t overlay rig-vm-root "$root" \
    -o "lowerdir=$cache/base,upperdir=$target/mount/upper,workdir=$target/mount/work"
}

# This machine has a kernel of its own, so nothing stands in for what the containers lack.
remove_stand_ins() {
  local units=$root/etc/systemd/system
  rm "$units/rig-stand-ins.service" "$units/sysinit.target.wants/rig-stand-ins.service"
  rm "$root/usr/local/lib/rig-stand-ins" "$root/usr/lib/systemd/system-sleep/zz-rig"
  rm -r "$units/chrony.service.d"
}

install_kernel() {
  cp -r "$cache/repository/." "$root/srv/rig-repository"
  mkdir -p "$root/etc/initramfs-tools/conf.d" "$root/usr/share/initramfs-tools/modules.d"
  echo 'MODULES=list' > "$root/etc/initramfs-tools/conf.d/rig"
  # The CD-ROM too: cloud-init looks for its data before udev has loaded anything.
  printf '%s\n' virtio_pci virtio_blk ext4 ata_piix sr_mod > "$root/usr/share/initramfs-tools/modules.d/rig"
  printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  mount -t proc proc "$root/proc"
  chroot "$root" apt-get -q update
  # Emulated, installing what the tests of this machine are about would take minutes.
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get -qy --no-install-recommends install \
    initramfs-tools linux-image-cloud-amd64 qemu-guest-agent cloud-init netplan.io \
    chrony conntrack curl ethtool git iptables nfs-common nfs-kernel-server nfs4-acl-tools rpcbind \
    rsync rsyslog socat systemd-zram-generator xfsprogs
  umount "$root/proc"
  rm "$root/usr/sbin/policy-rc.d"
  rm -rf "$root"/var/lib/apt/lists/*
  cp "$root"/boot/vmlinuz-* "$target/vmlinuz"
  cp "$root"/boot/initrd.img-* "$target/initrd.img"
}

personalise() {
  ssh-keygen -q -t ed25519 -N '' -C qemu -f "$root/etc/ssh/ssh_host_ed25519_key"
  cp "$root/etc/ssh/ssh_host_ed25519_key.pub" "$target/host-key.pub"
  printf '[Match]\nMACAddress=%s\n[Link]\nName=%s\n' "$mac" "$nic" \
    > "$root/etc/systemd/network/10-rig.link"
  printf '[Match]\nName=%s\n[Network]\nAddress=%s\nGateway=%s\n' "$nic" "$address" "$gateway" \
    > "$root/etc/systemd/network/20-rig.network"
  systemctl --root "$root" --quiet enable systemd-networkd.service
  systemctl --root "$root" --quiet disable networking.service
  # A test that wants a service starts it; emulated, each costs seconds of every boot.
  systemctl --root "$root" --quiet disable nfs-server.service chrony.service rsyslog.service
  systemctl --root "$root" --quiet mask apt-daily.timer apt-daily-upgrade.timer \
    e2scrub_all.timer e2scrub_reap.service systemd-networkd-wait-online.service
  echo "nameserver $gateway" > "$root/etc/resolv.conf"
  echo 'LABEL=rig-root / ext4 errors=remount-ro 0 1' > "$root/etc/fstab"
  touch "$root/etc/cloud/cloud-init.disabled"
}

leave_to_cloud_init() {
  rm "$root"/etc/ssh/ssh_host_* "$root/etc/systemd/network/10-rig.link" "$root/etc/systemd/network/20-rig.network" \
    "$root/etc/cloud/cloud-init.disabled" "$root/etc/sudoers.d/ops"
  chroot "$root" userdel --remove ops
  # Debian's cloud images have netplan alone, and cloud-init would prefer ifupdown.
  chroot "$root" dpkg --purge ifupdown >/dev/null
  # The base has no locales, of which cloud-init would make one.
  echo 'locale: false' > "$root/etc/cloud/cloud.cfg.d/10-rig.cfg"
}

partition_disk() {
  local disk=$target/$1
  truncate -s 8256M "$disk"
  printf '%s\n' 'label: gpt' 'start=1MiB, size=8GiB, type=linux' 'size=32MiB, type=swap' | sfdisk -q "$disk"
  mkfs.ext4 -q -L rig-root -d "$root" -E offset=1048576 "$disk" 8G
  truncate -s 32M "$target/swap"
  mkswap -q "$target/swap"
  dd if="$target/swap" of="$disk" bs=1M seek=8193 conv=notrunc,sparse status=none
  rm "$target/swap"
}

mount_layers
remove_stand_ins
install_kernel
personalise
partition_disk root.img
leave_to_cloud_init
partition_disk cloud.img
umount "$root" "$target/mount"
rmdir "$target/mount"
mv "$target" "$final"
