# shellcheck shell=sh
# The graph's last resource: everything is as described, or the update fails and says what is not.

step() {
  # Health is no matter of drift, and there is nothing to take back.
  applying || exit 0
  # Looking needs no lock, and waiting must not hold up others.
  flock -u 9
  code=0
  vmstation-validate all --wait "$WAIT" --failures --save "$WORK/report" >"$WORK/failures" || code=$?
  case $code in
    0) cat "$WORK/report" ;;
    1 | 2)
      sed 's/^/  /' "$WORK/failures" >&2
      fail "the cluster is not as described" "fix what is listed, then run the program again"
      ;;
    *) fail "the checks themselves stopped with code $code" "run vmstation-validate on $MACHINE" ;;
  esac
  exit 0
}
