# shellcheck shell=sh
# Last of a machine's steps: it came by a connection of its own, so what firewall and sshd changed has been
# confirmed by the time it runs; it only makes sure that no change is still open.

step() {
  if applying && [ -n "$(ls -A "$STATE/guard" 2>/dev/null)" ]; then
    fail "a change of $(ls "$STATE/guard" | tr '\n' ' ')was undone earlier and has just been made again" \
      "run again within $GUARD_SECONDS s, so that a new connection confirms it"
  fi
}
