#!/bin/bash
# The machines' network. The calling namespace is the controller's: it holds the bridge, and no way out.
#   network.sh up ADDRESS/PREFIX              the bridge, with the controller's own address
#   network.sh down
#   network.sh plug NAME PORT NIC MAC ADDRESS/PREFIX GATEWAY
#                                             a new network namespace, joined to the bridge by a cable
#   network.sh unplug NAME PORT
#   network.sh up-second                      a second bridge, where the controller has no address
#   network.sh down-second
#   network.sh plug-second NAME PORT NIC MAC ADDRESS/PREFIX
#                                             a cable to it for a namespace that is there; it goes as PORT does
#   network.sh stranger NAME PORT ADDRESS/PREFIX
#                                             a namespace on the second bridge alone
#   network.sh tap PORT                       a port for a QEMU machine
#   network.sh untap PORT
set -euo pipefail

bridge=rig0
second=rig1

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

# cable BRIDGE NAME PORT NIC ADDRESS/PREFIX [MAC]
cable() {
  local to=$1 name=$2 port=$3 nic=$4 address=$5 mac=${6:-}
  ip link add "$port" type veth peer name "$nic" netns "$name"
  ip link set "$port" master "$to" up
  if [ -n "$mac" ]; then ip -n "$name" link set "$nic" address "$mac"; fi
  ip -n "$name" address add "$address" dev "$nic"
  ip -n "$name" link set "$nic" up
}

space() {
  ip netns add "$1"
  ip -n "$1" link set lo up
}

plug() {
  local name=$1 port=$2 nic=$3 mac=$4 address=$5 gateway=$6
  space "$name"
  cable "$bridge" "$name" "$port" "$nic" "$address" "$mac"
  ip -n "$name" route add default via "$gateway"
}

up-second() {
  ip link add "$second" address 02:00:0a:d7:00:01 type bridge
  ip link set "$second" up
}

down-second() {
  ip link delete "$second"
}

plug-second() {
  local name=$1 port=$2 nic=$3 mac=$4 address=$5
  cable "$second" "$name" "$port" "$nic" "$address" "$mac"
}

stranger() {
  local name=$1 port=$2 address=$3
  space "$name"
  cable "$second" "$name" "$port" eth0 "$address"
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
