#!/bin/bash
# The machines' network. The calling namespace is the controller's: it holds the bridge, and no way out.
#   network.sh up ADDRESS/PREFIX              the bridge, with the controller's own address
#   network.sh down
#   network.sh plug NAME PORT NIC MAC ADDRESS/PREFIX GATEWAY
#                                             a new network namespace, joined to the bridge by a cable
#   network.sh unplug NAME PORT
#   network.sh tap PORT                       a port for a QEMU machine
#   network.sh untap PORT
set -euo pipefail

bridge=rig0

up() {
  # With an address of its own, or it takes that of a port, and connections stall when the port goes.
  ip link add "$bridge" address 02:00:0a:d5:00:01 type bridge
  ip address add "$1" dev "$bridge"
  # Promiscuous, so that the watcher also sees what one machine sends to another.
  ip link set "$bridge" promisc on up
}

down() {
  ip link delete "$bridge"
}

plug() {
  local name=$1 port=$2 nic=$3 mac=$4 address=$5 gateway=$6
  ip netns add "$name"
  ip -n "$name" link set lo up
  ip link add "$port" type veth peer name "$nic" netns "$name"
  ip link set "$port" master "$bridge" up
  ip -n "$name" link set "$nic" address "$mac"
  ip -n "$name" address add "$address" dev "$nic"
  ip -n "$name" link set "$nic" up
  ip -n "$name" route add default via "$gateway"
}

# The cable goes first: a namespace lives on while a process is in it.
unplug() {
  if [ -e "/sys/class/net/$2" ] || ip link show "$2" > /dev/null 2>&1; then ip link delete "$2"; fi
  if [ -e "/run/netns/$1" ]; then ip netns delete "$1"; fi
}

tap() {
  ip tuntap add dev "$1" mode tap
  ip link set "$1" master "$bridge" up
}

untap() {
  ip tuntap del dev "$1" mode tap
}

"$@"
