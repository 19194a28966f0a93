# shellcheck shell=sh
# Settings that a running cluster keeps. FIXED: lines KEY, VALUE, when a change is refused, "by hand" or "never", what to
# do, between tabs. What the cluster on this machine was installed with lies in $STATE/bootstrap/fixed, as KEY and VALUE.
# The method's own script defines show_fixed KEY VALUE: what the machine shows of a key, nothing where it does not show.

# refuse_changes: before anything is touched; every refusal at once. Called where the machine belongs to a cluster of ours.
refuse_changes() {
  : >"$WORK/refused"
  printf '%s\n' "$FIXED" >"$WORK/fixed"
  while IFS=$TAB read -r fixed_key fixed_value fixed_when fixed_hand fixed_advice; do
    [ -z "$fixed_key" ] || fixed_compare
  done <"$WORK/fixed"
  [ -s "$WORK/refused" ] || return 0
  cat "$WORK/refused" >&2
  fail "$(grep -c '^  [^ ]' "$WORK/refused") setting(s) cannot change under a running cluster; nothing was changed" \
    "see above, for each of them"
}

fixed_compare() {
  fixed_was=$(fixed_recorded)
  [ -n "$fixed_was" ] || fixed_was=$(show_fixed "$fixed_key" "$fixed_value")
  if [ -z "$fixed_was" ] || [ "$fixed_was" = "$fixed_value" ] || fixed_allowed; then return 0; fi
  if [ "$fixed_hand" = "by hand" ] && [ "$(show_fixed "$fixed_key" "$fixed_value")" = "$fixed_value" ]; then return 0; fi
  printf '  vmstation:%s: the cluster has %s, the configuration says %s\n    to do: %s\n' \
    "$fixed_key" "$fixed_was" "$fixed_value" "$fixed_advice" >>"$WORK/refused"
}

fixed_recorded() {
  [ ! -e "$STATE/bootstrap/fixed" ] ||
    KEY=$fixed_key awk -F '\t' '$1 == ENVIRON["KEY"] {print $2}' "$STATE/bootstrap/fixed"
}

# Switching on what is only refused to be switched off.
fixed_allowed() {
  [ "$fixed_when" = "turned off" ] || return 1
  case $fixed_value in false | none) return 1 ;; esac
}

# remember_fixed: once the machine is part of the cluster.
remember_fixed() {
  mkdir -p "$STATE/bootstrap"
  printf '%s\n' "$FIXED" | cut -f 1,2 >"$STATE/bootstrap/fixed.new"
  sync "$STATE/bootstrap/fixed.new"
  mv -f "$STATE/bootstrap/fixed.new" "$STATE/bootstrap/fixed"
}

# keep_mounted FOLDER: files of ours that a static pod's manifest in FOLDER names are not pruned.
keep_mounted() {
  if [ ! -e "$STATE/steps/$STEP" ] || [ ! -d "$1" ]; then return 0; fi
  awk -F '\t' '$1 == "file" {print $2}' "$STATE/steps/$STEP" >"$WORK/ours"
  while read -r kept; do
    ! grep -rqF -- "$kept" "$1" || record file "$kept" "$(detail_of file "$kept")"
  done <"$WORK/ours"
}

# drop_unwanted FILE: what the service reads as it starts has to be gone before.
drop_unwanted() { grep -qsxF "$1" "$WORK/paths" || remove_recorded file "$1"; }
