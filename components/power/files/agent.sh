# shellcheck shell=sh disable=SC2154
# A machine that sleeps: the controller's account, what it may run, and Wake-on-LAN armed at every boot.

step() {
  ! removing || ensure_new_connections
  ensure_agent
  on_change files systemctl daemon-reload
  removing || ensure_new_connections
  removing || [ -z "$MAC" ] || ensure_cards_armed
}

# Where systemd's file of the unit has gone, the unit can be disabled no more.
ensure_new_connections() {
  ensure_unit vmstation-resume.service enabled inactive
}

ensure_cards_armed() {
  sh "$WORK/files$CARDS" "$NIC" "$MAC" >"$WORK/cards"
  while read -r each_card; do ensure_armed "$each_card"; done <"$WORK/cards"
}

# ensure_armed CARD: now; the .link file does it at each boot, and the agent verifies it before each sleep.
ensure_armed() {
  ethtool "$1" >"$WORK/ethtool" 2>/dev/null ||
    fail "ethtool cannot read $1" "look at 'ethtool $1' on the machine"
  if ! grep -q 'Supports Wake-on:.*g' "$WORK/ethtool"; then
    say "$1 offers no Wake-on-LAN by magic packet: the machine will not be put to sleep"
  elif ! grep -q '^[[:space:]]*Wake-on:.*g' "$WORK/ethtool"; then
    ! checking || drift wake-on-lan "$1" "not armed"
    ! applying || quietly ethtool --change "$1" wol g
  fi
}
