#!/bin/bash
# Gives a new disk what a machine has of its own: personalise.sh ROOT NIC ADDRESS/PREFIX GATEWAY HOST_KEY KIND OPERATOR_KEY
# HOST_KEY is the private host key's file, next to its .pub. KIND is bare, or pods: it can run a kubelet.
# OPERATOR_KEY is the public key that "ops" lets in: one for all machines, whatever base they are made of.
set -euo pipefail

root=$1 nic=$2 address=$3 gateway=$4 host_key=$5 kind=$6 operator_key=$7
here=$(dirname "$(readlink -f "$0")")

install -m 600 "$host_key" "$root/etc/ssh/ssh_host_ed25519_key"
install -m 644 "$host_key.pub" "$root/etc/ssh/ssh_host_ed25519_key.pub"
install -m 600 -o 1000 -g 1000 "$operator_key" "$root/home/ops/.ssh/authorized_keys"
tr -d - < /proc/sys/kernel/random/uuid > "$root/etc/machine-id"

# The namespace has its address before the machine boots, so ifupdown finds nothing left to do.
cat > "$root/etc/network/interfaces" << EOF
auto lo
iface lo inet loopback

# $address via $gateway
iface $nic inet manual
EOF
echo "nameserver $gateway" > "$root/etc/resolv.conf"

# modprobe finds the modules that the program asks for to be built in: nothing can be loaded here.
modules=$root/lib/modules/$(uname -r)
mkdir -p "$modules"
install -m 644 "$here/files/modules.builtin" "$modules/modules.builtin"
: > "$modules/modules.order"
depmod --basedir "$root"

if [ "$kind" = pods ]; then
  mkdir "$root/usr/lib/systemd/rig"
  mv "$root/usr/lib/systemd/systemd" "$root/usr/lib/systemd/rig/systemd"
  install -m 755 "$here/pods-init" "$root/usr/lib/systemd/systemd"
fi
