# shellcheck shell=sh
# Switches this machine off. $1: its NIC, armed first so that a magic packet can switch the machine on again.
# Prints whether it is armed: "armed" or "not armed".

set -eu
export LC_ALL=C
armed() { ethtool "$1" | grep -q '^[[:space:]]*Wake-on:.*g'; }
if command -v ethtool >/dev/null && ethtool "$1" | grep -q 'Supports Wake-on:.*g'; then
  armed "$1" || ethtool --change "$1" wol g
  armed "$1" && echo armed || echo "not armed"
else
  echo "not armed"
fi
systemctl --no-block poweroff
