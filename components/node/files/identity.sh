# shellcheck shell=sh
# Who the machine is: host name, the names of its peers, time zone.

# A renamed machine keeps its name when the step is removed: its peers know it by that.
ensure_hostname() {
  case $VERB in
    apply)
            [ "$(cat /etc/hostname 2>/dev/null)" = "$1" ] && [ "$(hostname)" = "$1" ] && return 0
      mark_pending hostname "host name to $1"
      hostnamectl set-hostname "$1"
      ;;
    check) [ "$(hostname)" = "$1" ] || drift hostname "$1" "is $(hostname)" ;;
  esac
}

time_zone() { readlink -f /etc/localtime | sed 's#^/usr/share/zoneinfo/##'; }

ensure_time_zone() {
  zone_now=$(time_zone)
  case $VERB in
    apply)
      [ "$zone_now" != "$1" ] && ! { [ "$1" = UTC ] && [ "$zone_now" = Etc/UTC ]; } || return 0
      mark_pending zone "time zone to $1"
      timedatectl set-timezone "$1" || fail "no time zone $1" "use a name that 'timedatectl list-timezones' prints"
      ;;
    check)
      case "$zone_now" in "$1" | "Etc/$1") ;; *) drift time-zone "$1" "is $zone_now" ;; esac
      ;;
  esac
}

step() {
  ensure_hostname "$HOST_NAME"
  ensure_block /etc/hosts "$HOSTS"
  ensure_time_zone "$TIME_ZONE"
}
