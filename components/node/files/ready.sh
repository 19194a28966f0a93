# shellcheck shell=sh
# Last of a machine's steps: it came by a connection of its own, so what firewall and sshd changed has been
# confirmed by the time it runs; it only makes sure that no change is still open.

step() {
  [ -d "$STATE/guard" ] || return 0
  open_changes=$(find "$STATE/guard" -mindepth 1 -maxdepth 1 -printf '%f ')
  if applying && [ -n "$open_changes" ]; then
    fail "a change of ${open_changes}was undone earlier and has just been made again" \
      "run again within $GUARD_SECONDS s, so that a new connection confirms it"
  fi
}
