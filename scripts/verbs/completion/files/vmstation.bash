# Completes vmstation, and vmstation behind npx, in bash.
_vmstation() {
  local first=1 line
  if [ "${COMP_WORDS[0]##*/}" = npx ]; then
    [ "${COMP_WORDS[1]}" = vmstation ] || return 0
    first=2
  fi
  [ "$COMP_CWORD" -ge "$first" ] || return 0
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("$line")
  done < <(@COMMAND@ "${COMP_WORDS[@]:first:COMP_CWORD-first+1}" 2>/dev/null)
}
complete -o default -F _vmstation vmstation npx
