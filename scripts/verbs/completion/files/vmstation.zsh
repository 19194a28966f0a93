# Completes vmstation, and vmstation behind npx, in zsh.
autoload -Uz compinit
(( ${+functions[compdef]} )) || compinit
_vmstation() {
  local first=2
  local -a found
  if [[ ${words[1]:t} == npx ]]; then
    [[ $words[2] == vmstation ]] || return 1
    first=3
  fi
  (( CURRENT >= first )) || return 1
  found=("${(@f)$(@COMMAND@ "${(@)words[first,CURRENT]}" 2>/dev/null)}")
  found=(${found:#})
  if (( $#found )); then
    compadd -a found
  else
    _files
  fi
}
compdef _vmstation vmstation npx
