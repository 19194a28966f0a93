# shellcheck shell=sh
# The monitors of Ceph answer. ASK and MONITORS are settings.
step() {
  ensure_files
  if ! applying; then return 0; fi
  say "$STEP: asking the monitors of Ceph"
  enough=0
  # shellcheck disable=SC2086 # addresses, one word each
  python3 "$ASK" $MONITORS >"$WORK/away" || enough=$?
  sed 's/^/  /' "$WORK/away" >&2
  if [ "$enough" = 0 ]; then return 0; fi
  fail "too few of the monitors of vmstation:platform.storage.ceph.monitors answer" \
    "on a host of Ceph: ceph mon dump shows their addresses, and ceph status whether they run; then run the program again"
}
