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

ZONES=/usr/share/zoneinfo

# The name that timedatectl knows it by, which may be a link to another zone; UTC where nothing is set.
time_zone() {
  zone_link=$(readlink /etc/localtime) || zone_link=
  case $zone_link in
    */zoneinfo/*) printf '%s\n' "${zone_link#*/zoneinfo/}" ;;
    *) [ -e /etc/localtime ] && echo "a file without a name" || echo UTC ;;
  esac
}

# same_zone A B: under two names the same rules: US/Eastern is a link to America/New_York, UTC one to Etc/UTC.
# shellcheck disable=SC3013 # dash and bash have it
same_zone() { [ "$1" = "$2" ] || [ "$ZONES/$1" -ef "$ZONES/$2" ]; }

ensure_time_zone() {
  zone_now=$(time_zone)
  case $VERB in
    apply)
      ! same_zone "$zone_now" "$1" || return 0
      mark_pending zone "time zone to $1"
      timedatectl set-timezone "$1" || fail "no time zone $1" "use a name that 'timedatectl list-timezones' prints"
      ;;
    check) same_zone "$zone_now" "$1" || drift time-zone "$1" "is $zone_now" ;;
  esac
}

# cloud-init that was told to manage /etc/hosts, as Proxmox tells it, writes the file from one of these at each boot.
ensure_hosts_templates() {
  for hosts_template in /etc/cloud/templates/hosts.*.tmpl; do
    [ ! -e "$hosts_template" ] || ensure_block "$hosts_template" "$HOSTS"
  done
}

step() {
  ensure_hostname "$HOST_NAME"
  ensure_block /etc/hosts "$HOSTS"
  ensure_hosts_templates
  ensure_time_zone "$TIME_ZONE"
}
