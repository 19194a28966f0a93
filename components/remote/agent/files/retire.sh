# shellcheck shell=sh disable=SC2034,SC2153
# What a machine still has of a controller that another machine is by now. STEPS had put it there, in the order in which it
# goes; WRITTEN are files that its programs have written for others, which would read them as news.

step() {
  if removing; then return 0; fi
  for each_step in $STEPS; do
    [ -e "$STATE/steps/$each_step" ] || continue
    if checking; then
      drift step "$each_step" "another machine is the controller"
    else
      say "$STEP: removing $each_step, as another machine is the controller"
      (retire "$each_step")
      for each_file in $WRITTEN; do rm -f "$each_file"; done
    fi
  done
}

# retire STEP: as the removal of that step would, by what it has noted of itself. In a shell of its own.
retire() {
  STEP=$1 VERB=remove
  : >"$WORK/manifest"
  prune
  rm -f "$STATE/steps/$STEP" "$STATE/owners/$STEP"
  clear_pending
}
