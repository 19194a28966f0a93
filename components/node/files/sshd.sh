# shellcheck shell=sh
# sshd's drop-in. sshd takes the first value that it reads, so the drop-in must be read before the rest.

DROP_IN=/etc/ssh/sshd_config.d/00-vmstation.conf

sshd_unit() { if systemctl cat sshd.service >/dev/null 2>&1; then echo sshd.service; else echo ssh.service; fi; }

require_include() {
  awk 'tolower($1) == "include" && $2 ~ /sshd_config\.d/ {found = 1; exit}
    tolower($1) == "match" {exit} END {exit !found}' /etc/ssh/sshd_config ||
    fail "/etc/ssh/sshd_config does not include sshd_config.d" \
      "put 'Include /etc/ssh/sshd_config.d/*.conf' on its first line, and run again"
}

# sshd reads the whole before it is told to: a reload with a file it refuses would end it.
reload_sshd() {
  mkdir -p /run/sshd
  quietly sshd -t || fail "sshd refuses its configuration" "read the lines above; sshd goes on with the old one"
  systemctl reload "$(sshd_unit)"
}

# sshd -T says what holds after all files were read: another file may have been read before ours.
effective_differences() {
  mkdir -p /run/sshd
  sshd -T 2>/dev/null | sort >"$WORK/effective"
  while read -r key value; do
    grep -qixF "$key $value" "$WORK/effective" ||
      printf '%s\t%s\t%s\n' "$key" "$(grep -i "^$key " "$WORK/effective" | cut -d ' ' -f 2- | sed -n 1p)" "$value"
  done <<EOF
$EFFECTIVE
EOF
}

require_effective() {
  effective_differences >"$WORK/differences"
  [ -s "$WORK/differences" ] || return 0
  while IFS="$(printf '\t')" read -r key now wanted; do
    ! checking || drift sshd "$key" "is $now, not $wanted"
    first_file=$(grep -lis "^[[:space:]]*${key}[[:space:]]" /etc/ssh/sshd_config /etc/ssh/sshd_config.d/* | grep -vxF "$DROP_IN" | tr '\n' ' ')
    ! applying || fail "sshd's $key is $now, not $wanted: another file is read before ours" \
      "take $key out of ${first_file:-the files before $DROP_IN}, or rename that file so that it comes later"
  done <"$WORK/differences"
}

step() {
  if removing; then drop_guard; else require_include; fi
  ! applying || guard_files "$(reload_command)" "$(reload_command)" "$DROP_IN"
  ensure_file "$DROP_IN" sshd
  on_change sshd reload_sshd
  ensure_unit "$(sshd_unit)" enabled active
  removing || require_effective
}

reload_command() { printf 'mkdir -p /run/sshd; sshd -t && systemctl reload %s' "$(sshd_unit)"; }
