# shellcheck shell=sh
# change_members arrivals|departures: see change_members.py. A refusal comes with what to do instead.
change_members() {
  if python3 -B "$CHANGER" "$SPEC" "$1" >"$WORK/changed" 2>"$WORK/refused"; then
    while IFS= read -r changed_line; do say "$STEP: $changed_line"; done <"$WORK/changed"
    return 0
  fi
  sed 's/^/  /' "$WORK/changed" >&2 || :
  if ! grep -q '^to do: ' "$WORK/refused"; then
    tail -n 5 "$WORK/refused" | sed 's/^/  /' >&2 || :
    fail "which machines leave and join cannot be told" "see above, then run \`up\` again: it continues"
  fi
  fail "$(sed '/^to do: /,$d' "$WORK/refused")" "$(sed -n 's/^to do: //p' "$WORK/refused")"
}
