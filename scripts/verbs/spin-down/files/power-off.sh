# shellcheck shell=sh
# Switches this machine off. $1: its NIC, or its address on the LAN, $2: its MAC address; "cards" is wake-cards.sh as a function. Each card is armed
# first so that a magic packet can switch the machine on again. Prints whether one is: "armed" or "not armed".

set -eu
export LC_ALL=C
armed() { ethtool "$1" | grep -q '^[[:space:]]*Wake-on:.*g'; }
is_armed="not armed"
for card in $(cards "$1" "$2"); do
  if command -v ethtool >/dev/null && ethtool "$card" | grep -q 'Supports Wake-on:.*g'; then
    armed "$card" || ethtool --change "$card" wol g
    ! armed "$card" || is_armed=armed
  fi
done
echo "$is_armed"
systemctl --no-block poweroff
