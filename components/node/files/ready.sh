# shellcheck shell=sh
# Last of a machine's steps: no change of firewall or sshd may be open any more.

step() {
  ! applying || [ -z "$(open_guards)" ] || fail "the change of $(open_guards)is not confirmed" \
    "run again: the next connection confirms it, or finds it undone and makes it again"
}
