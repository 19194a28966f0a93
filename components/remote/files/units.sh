# shellcheck shell=sh
# systemd units: enabled or not, running or not; how they were before comes back on removal.

# unit_id NAME: the unit's own name where NAME is an alias (Debian: sshd is ssh). systemd says of an alias only that it
# is one, not whether the unit is enabled, and neither enables nor disables it.
unit_id() {
  unit_says=$(systemctl show -p Id --value -- "$1" 2>/dev/null) || unit_says=
  printf '%s\n' "${unit_says:-$1}"
}

# unit_enabled NAME: enabled, disabled, masked, static, … or not-found
unit_enabled() {
  unit_says=$(systemctl is-enabled "$1" 2>/dev/null) || [ -n "$unit_says" ] || unit_says=not-found
  printf '%s\n' "${unit_says%%[!a-z-]*}"
}

# unit_active NAME: active or inactive (activating counts as active, failed as inactive)
unit_active() {
  case $(systemctl is-active "$1" 2>/dev/null || :) in active | activating | reloading) echo active ;; *) echo inactive ;; esac
}

# ensure_unit NAME enabled|disabled|masked active|inactive
ensure_unit() {
  if checking; then
    printf '%s %s %s\n' "$1" "$2" "$3" >>"$WORK/units"
    return 0
  fi
  set -- "$(unit_id "$1")" "$2" "$3"
  if removing; then
    remove_recorded unit "$1"
  else
    unit_now="$(unit_enabled "$1") $(unit_active "$1")"
    apply_unit "$1" "$2" "$3"
  fi
}

# check_units: compares all units that the step has named, at its end. systemd is asked twice, however many there are:
# what they are, and of those that are there whether they are enabled.
check_units() {
  [ -e "$WORK/units" ] || return 0
  : >"$WORK/units-enabled"
  # shellcheck disable=SC2046 # one word per unit
  systemctl show -p Id -p LoadState -p ActiveState -- $(cut -d ' ' -f 1 "$WORK/units") >"$WORK/units-shown"
  units_shown <"$WORK/units-shown" | paste -d ' ' "$WORK/units" - >"$WORK/units-now"
  units_there=$(awk '$5 != "not-found" {print $4}' "$WORK/units-now")
  # shellcheck disable=SC2086 # one word per unit
  [ -z "$units_there" ] || systemctl is-enabled -- $units_there >"$WORK/units-enabled" 2>/dev/null || :
  # It stops at a unit whose file has gone while systemd still knows it: then one by one.
  if [ "$(wc -l <"$WORK/units-enabled")" -ne "$(printf '%s' "$units_there" | grep -c .)" ]; then
    for each_unit in $units_there; do unit_enabled "$each_unit"; done >"$WORK/units-enabled"
  fi
  while read -r _ wanted_enabled wanted_active each_unit each_load each_active; do
    each_enabled=not-found
    [ "$each_load" = not-found ] || read -r each_enabled <&3
    unit_now="$each_enabled $each_active"
    unit_satisfies "$wanted_enabled" "$wanted_active" ||
      drift unit "$each_unit" "is $unit_now, not $wanted_enabled $wanted_active"
  done <"$WORK/units-now" 3<"$WORK/units-enabled"
}

# units_shown: a line "ID LOAD-STATE active|inactive" for each unit in what systemctl show prints
units_shown() {
  awk 'BEGIN {RS = ""; FS = "\n"} {
    for (i = 1; i <= NF; i++) {
      key = $i
      sub(/=.*/, "", key)
      value[key] = substr($i, length(key) + 2)
    }
    state = value["ActiveState"] ~ /^(active|activating|reloading)$/ ? "active" : "inactive"
    print value["Id"], value["LoadState"], state
  }'
}

# A unit that is not there cannot run: that is as good as disabled and inactive.
unit_satisfies() {
  case "$unit_now" in
    "$1 $2") return 0 ;;
    "not-found inactive" | "masked inactive") [ "$1 $2" = "disabled inactive" ] || [ "$unit_now" = "$1 $2" ] ;;
    "static $2" | "generated $2" | "indirect $2" | "transient $2") [ "$1" = enabled ] ;;
    *) return 1 ;;
  esac
}

apply_unit() {
  unit_was=$(detail_of unit "$1")
  record unit "$1" "${unit_was:-$unit_now}"
  if unit_satisfies "$2" "$3"; then return 0; fi
  mark_pending unit "$1 to $2 $3"
  recorded unit "$1" || append_manifest unit "$1" "$unit_now"
  set_unit "$1" "$2" "$3"
}

set_unit() {
  case $2 in
    enabled)
      case "$unit_now" in masked*) systemctl unmask -q "$1" ;; esac
      systemctl enable -q "$1"
      ;;
    disabled) case "$unit_now" in not-found*) ;; *) systemctl disable -q "$1" ;; esac ;;
    masked) systemctl mask -q "$1" ;;
  esac
  case $3 in
    active)
      systemctl start "$1" || {
        journalctl -q -n 20 --no-pager -o cat -u "$1" >&2 || :
        fail "$1 does not start" "read 'journalctl -u $1' on the machine"
      }
      ;;
    inactive) case "$unit_now" in *inactive) ;; *) systemctl stop "$1" ;; esac ;;
  esac
}

# An automount that is stopped takes its mount away even from those who use it. So the mount is stopped first, which
# the kernel refuses while it is in use.
stop_mount_of() {
  mount_unit=${1%.automount}.mount
  [ "$(unit_active "$mount_unit")" = active ] || return 0
  mount_point=$(systemctl show -p Where --value -- "$mount_unit")
  if ! quietly systemctl stop "$mount_unit" || [ "$(unit_active "$mount_unit")" = active ]; then
    fail "$mount_point cannot be unmounted and stays as it is" \
      "end what 'fuser -vm $mount_point' (of the package psmisc) names on the machine, and run again"
  fi
}

# forget_unit NAME "ENABLED ACTIVE"
forget_unit() {
  case $1 in *.automount) stop_mount_of "$1" ;; esac
  unit_now="$(unit_enabled "$1") $(unit_active "$1")"
  # One of ours was not there before, whatever an earlier version has recorded.
  case $1 in vmstation-*) set -- "$1" ;; esac
  case ${2:-} in
    "" | not-found*)
      case "$unit_now" in not-found*) ;; *) systemctl disable -q --now "$1" ;; esac
      ;;
    masked*) set_unit "$1" masked inactive ;;
    enabled*) set_unit "$1" enabled "${2#* }" ;;
    disabled*) set_unit "$1" disabled "${2#* }" ;;
    # It cannot be enabled, but was masked by us, or stopped.
    *)
      case "$unit_now" in masked*) systemctl unmask -q "$1" ;; esac
      case ${2#* } in active) [ "$(unit_active "$1")" = active ] || systemctl start "$1" ;; esac
      ;;
  esac
}
