# shellcheck shell=sh disable=SC2154
# A machine that sleeps: the controller's user, what that user may run, and Wake-on-LAN armed for good.

step() {
  ensure_account "$AGENT_USER" "$AGENT_HOME"
  ensure_files
  removing || ensure_armed "$NIC"
}

# ensure_account NAME HOME: a key may log in, no password can ("*" is not a locked account to sshd).
ensure_account() {
  case $VERB in
    apply)
      record account "$1"
      if account_matches "$1" "$2"; then return 0; fi
      mark_pending account "$1"
      announce account "$1"
      if id "$1" >/dev/null 2>&1; then
        usermod --home "$2" --shell /bin/sh --password '*' "$1"
      else
        useradd --system --home-dir "$2" --no-create-home --shell /bin/sh --password '*' "$1"
      fi
      mkdir -p "$2/.ssh"
      chown -R root:root "$2"
      chmod 0755 "$2" "$2/.ssh"
      ;;
    check) account_matches "$1" "$2" || drift account "$1" "missing or different" ;;
    remove) ! recorded account "$1" || forget_account "$1" ;;
  esac
}

account_matches() {
  case $(getent passwd "$1") in
    *":$2:/bin/sh") [ -d "$2/.ssh" ] ;;
    *) return 1 ;;
  esac
}

# By force: the controller may be looking at this machine just now.
forget_account() {
  ! id "$1" >/dev/null 2>&1 || quietly userdel --force "$1"
  rm -rf "${AGENT_HOME:?}"
}

# ensure_armed NIC: now; the .link file does it at each boot, and the agent verifies it before each sleep.
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
