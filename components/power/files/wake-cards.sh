#!/bin/sh
# wake-cards.sh NIC|IPv4 [MAC]: the network cards that a magic packet reaches, one a line. Below a bridge, a bond or a
# VLAN that is the card with the address MAC; where none has it, each that is hardware. An IPv4 address stands for the
# interface that has it.
set -eu
NETWORK=${NETWORK:-/sys/class/net}

case $1 in
  [0-9]*)
    nic=$(ip -o -4 address show to "$1" | awk 'NR == 1 {print $2}')
    if [ -z "$nic" ]; then
      echo "no network interface has the address $1" >&2
      exit 1
    fi
    shift
    set -- "$nic" "$@"
    ;;
esac

# lowest INTERFACE: what it is made of in the end; itself where it is made of nothing
lowest() (
  set -- "$1" "$NETWORK/$1"/lower_*
  if [ ! -e "$2" ]; then
    echo "$1"
    return 0
  fi
  shift
  for lower; do lowest "${lower##*/lower_}"; done
)

# has_address CARD MAC: now, or before a bond gave all of its cards one address
has_address() { cat "$NETWORK/$1/address" "$NETWORK/$1/bonding_slave/perm_hwaddr" 2>/dev/null | grep -qixF -- "$2"; }

hardware=
named=
for card in $(lowest "$1" | sort -u); do
  # A guest's tap or a container's veth on the bridge wakes nothing.
  [ -e "$NETWORK/$card/device" ] || continue
  hardware="$hardware$card
"
  ! has_address "$card" "${2:-}" || named="$named$card
"
done
cards=${named:-${hardware:-$1}}
printf '%s\n' "${cards%
}"
