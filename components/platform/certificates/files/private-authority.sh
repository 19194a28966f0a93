# shellcheck shell=sh
# The private authority outlives what made it: devices trust it, and each would have to be told of another one. Its Secret
# USED goes with its namespace, so that a copy, KEPT, is left in another one, and is used again by who comes later. COPY is
# the program that copies.
step() {
  removing || ensure_files
  if ! checking; then copy_authority; fi
  ! removing || ensure_files
}

copy_authority() {
  PATH=$PATH:/usr/local/bin:/var/lib/rancher/rke2/bin
  export PATH
  if applying; then
    copy "$KEPT" "$USED" || fail "the private authority of before is not back at $USED" \
      "mend what is said above and run the program again; without $KEPT a new authority is made, of which devices have to be told"
    return 0
  fi
  # It is gone where a removal was cut after this.
  [ -e "$COPY" ] || return 0
  copy "$USED" "$KEPT" --newest || fail "the private authority could not be kept as $KEPT" \
    "mend what is said above and run the program again: until then nothing of it is removed. Where the cluster is to go as well, 'npx vmstation reset hard' comes first"
}

copy() {
  python3 "$COPY" "$@" 2>"$WORK/problems" && return 0
  sed 's/^/  /' "$WORK/problems" >&2
  return 1
}
