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

# sshd -T says what holds after all files were read: another file may have been first.
check_effective() {
  mkdir -p /run/sshd
  sshd -T 2>/dev/null | sort >"$WORK/effective"
  while read -r key value; do
    grep -qixF "$key $value" "$WORK/effective" ||
      drift sshd "$key" "is $(grep -i "^$key " "$WORK/effective" | cut -d ' ' -f 2- | head -n 1), not $value"
  done <<EOF
$EFFECTIVE
EOF
}

step() {
  removing || require_include
  if applying && { [ -e "$STATE/pending/$STEP/sshd" ] || ! cmp -s "$WORK/files$DROP_IN" "$DROP_IN"; }; then
    guard sshd "sshd -t && systemctl reload $(sshd_unit)" "$DROP_IN"
  fi
  ensure_file "$DROP_IN" sshd
  on_change sshd reload_sshd
  ensure_unit "$(sshd_unit)" enabled active
  ! checking || check_effective
}
