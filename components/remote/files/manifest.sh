# shellcheck shell=sh
# What a step has put on the machine, kept there: a manifest of lines KIND<TAB>NAME<TAB>DETAIL in $STATE/steps/STEP, for
# removing and pruning, and in $STATE/owners/STEP whose step it is.

TAB=$(printf '\t')

# record KIND NAME [DETAIL]: what this step has put on the machine, for removing and pruning.
record() { printf '%s\t%s\t%s\n' "$1" "$2" "${3:-}" >>"$WORK/manifest"; }

# recorded KIND NAME: whether an earlier run put it there. A line of the manifest has two tabs and no kind ends like
# another one, so that only the start of a line can match.
recorded() { grep -qsF "$1$TAB$2$TAB" "$STATE/steps/$STEP"; }

# announce KIND NAME: names a thing in the saved manifest before it is made, so that a cut leaves no orphan.
announce() { recorded "$1" "$2" || append_manifest "$1" "$2"; }

# append_manifest KIND NAME [DETAIL]
append_manifest() {
  [ -d "$STATE/steps" ] || mkdir -p "$STATE/steps"
  printf '%s\t%s\t%s\n' "$1" "$2" "${3:-}" >>"$STATE/steps/$STEP"
}

# The manifest grows before the change and shrinks after the pruning: cut at any point, it still names
# everything that is there.
save_manifest() {
  sort -u "$1" >"$WORK/sorted"
  if cmp -s "$WORK/sorted" "$STATE/steps/$STEP"; then return 0; fi
  [ -d "$STATE/steps" ] || mkdir -p "$STATE/steps"
  cat "$WORK/sorted" >"$STATE/steps/.$STEP.new"
  sync "$STATE/steps/.$STEP.new"
  mv -f "$STATE/steps/.$STEP.new" "$STATE/steps/$STEP"
}

# prune: removes what an earlier version of this step put there and this one no longer names. It runs after the step,
# whose on_change handlers it does not bring about again: only systemd is told of units that went. What else has to
# follow, the step does itself, by remove_recorded and a handler, as storage does with its exports.
prune() {
  [ -e "$STATE/steps/$STEP" ] || return 0
  # A run that was cut has put its lines at the end.
  sort "$STATE/steps/$STEP" >"$WORK/before"
  no_longer_named "$WORK/before" >"$WORK/gone"
  while IFS=$TAB read -r kind name detail; do
    case $kind$name in file*/systemd/system/*) owe pruned-units ;; esac
    forget "$kind" "$name" "$detail"
  done <"$WORK/gone"
  on_change pruned-units systemctl daemon-reload
}

# no_longer_named SORTED-MANIFEST: the lines of it that are to be pruned. Units first: one whose file is gone is neither
# stopped nor disabled, and leaves a dangling link behind. Folders last, the inner ones first: only then are they empty.
no_longer_named() {
  awk -F '\t' '
    FILENAME == ARGV[1] {named[$1, $2]; next}
    ($1, $2) in named {next}
    $1 == "unit" {print; next}
    $1 == "dir" {folders[++count] = $0; next}
    {others = others $0 "\n"}
    END {
      printf "%s", others
      while (count) print folders[count--]
    }' "$WORK/manifest" "$1"
}

# forget KIND NAME DETAIL: undoes one thing. What was there before is released last: cut anywhere, a second
# removal finds it again. A file that another step has put there as well is that step's from now on.
forget() {
  if [ "$1" = file ] && find_other_holder "$2"; then
    say "$STEP: $2 belongs to $holder as well and stays"
  else
    holder=
    say "$STEP: removing $1 $2"
    "forget_$1" "$2" "${3:-}"
  fi
  KIND=$1 NAME=$2 awk -F '\t' '!($1 == ENVIRON["KIND"] && $2 == ENVIRON["NAME"])' \
    "$STATE/steps/$STEP" >"$WORK/left"
  save_manifest "$WORK/left"
  if [ "$1" = file ] && [ -z "$holder" ]; then rm -f "$STATE/originals$2"; fi
}

# find_other_holder PATH: sets holder to a step, not this one, that has put the file there too; fails where there is none
find_other_holder() {
  for holder in "$STATE/steps/"*; do
    holder=${holder##*/}
    if [ "$holder" != "$STEP" ] && grep -qsF "file$TAB$1$TAB" "$STATE/steps/$holder"; then return 0; fi
  done
  return 1
}

# remove_recorded KIND NAME: what ensure_* does when the step is taken away.
remove_recorded() {
  ! recorded "$1" "$2" || forget "$1" "$2" "$(detail_of "$1" "$2")"
}

# detail_of KIND NAME: what was noted when it was first put there
detail_of() {
  [ ! -e "$STATE/steps/$STEP" ] ||
    KIND=$1 NAME=$2 awk -F '\t' '$1 == ENVIRON["KIND"] && $2 == ENVIRON["NAME"] && $3 != "" {found = $3}
      END {print found}' "$STATE/steps/$STEP"
}

# Whose step it is: of which resource of which machine, by their names. Where either has got another name, or resources
# were grouped otherwise, the new one is applied before the old one is removed, which then must leave what the new one
# holds.
read_owner() {
  owner=
  [ ! -e "$STATE/owners/$STEP" ] || read -r owner <"$STATE/owners/$STEP" || :
}

# claim_applied: once all of the resource has succeeded. One that failed is not in Pulumi's state, so that nobody would
# ever remove what it had claimed; what it has changed goes with the old one.
claim_applied() {
  [ -e "$RUN_DIR/applied" ] || return 0
  while read -r STEP; do
    read_owner
    [ "$owner" = "$MACHINE $GROUP" ] || claim
  done <"$RUN_DIR/applied"
}

claim() {
  [ -d "$STATE/owners" ] || mkdir -p "$STATE/owners"
  printf '%s\n' "$MACHINE $GROUP" >"$STATE/owners/.$STEP.new"
  sync "$STATE/owners/.$STEP.new"
  mv -f "$STATE/owners/.$STEP.new" "$STATE/owners/$STEP"
  sync "$STATE/owners"
}

# was_taken_over: whether another has claimed it since, which is said. What nobody has claimed goes with the one that removes
# it.
was_taken_over() {
  read_owner
  if [ -z "$owner" ] || [ "$owner" = "$MACHINE $GROUP" ]; then return 1; fi
  say "$STEP: belongs to ${owner#* } of ${owner%% *} by now and stays"
}
