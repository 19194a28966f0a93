# shellcheck shell=sh
# change_members arrivals|departures: see change_members.py. A refusal comes with what to do instead.
change_members() {
  if python3 -B "$CHANGER" "$SPEC" "$1" >"$WORK/changed" 2>"$WORK/refused"; then
    while IFS= read -r changed_line; do say "$STEP: $changed_line"; done <"$WORK/changed"
    return 0
  fi
  sed 's/^/  /' "$WORK/changed" >&2 || :
  fail "$(sed '/^to do: /,$d' "$WORK/refused")" "$(sed -n 's/^to do: //p' "$WORK/refused")"
}
