# shellcheck shell=sh
# sshd's drop-in. sshd takes the first value that it reads, so the drop-in must be read before the rest.

DROP_IN=/etc/ssh/sshd_config.d/00-vmstation.conf

# By its own name, as RHEL has it and Debian not; asked of the files, as systemd takes longer to say.
sshd_unit() {
  for each_folder in /etc/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
    [ ! -e "$each_folder/sshd.service" ] || { echo sshd.service && return 0; }
  done
  echo ssh.service
}

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

# sshd -T says what holds after all files were read: another file may have been read before ours. A line
# "KEYWORD<TAB>NOW<TAB>WANTED" for each that is not in force.
effective_differences() {
  mkdir -p /run/sshd
  sshd -T >"$WORK/effective" 2>/dev/null || : >"$WORK/effective"
  printf '%s\n' "$EFFECTIVE" | awk '
    {key = tolower($1); value = substr($0, length($1) + 2)}
    FILENAME != "-" {
      if (!(key in now)) now[key] = value
      holds[key, tolower(value)] = 1
      next
    }
    !((key, tolower(value)) in holds) {printf "%s\t%s\t%s\n", key, now[key], value}' "$WORK/effective" -
}

require_effective() {
  effective_differences >"$WORK/differences"
  [ -s "$WORK/differences" ] || return 0
  while IFS="$(printf '\t')" read -r key now wanted; do
    if checking; then
      drift sshd "$key" "is $now, not $wanted"
      continue
    fi
    first_file=$(grep -lis "^[[:space:]]*${key}[[:space:]]" /etc/ssh/sshd_config /etc/ssh/sshd_config.d/* | grep -vxF "$DROP_IN" | tr '\n' ' ')
    fail "sshd's $key is $now, not $wanted: another file is read before ours" \
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
