# shellcheck shell=sh
# Looks at a machine and changes nothing: one fact on a line, its name, a tab and what was found.

export LC_ALL=C

tell() { printf '%s\t%s\n' "$1" "$2"; }

# ask NAME COMMAND...: what the command prints, on one line; nothing where it is missing or fails
ask() {
  ask_name=$1
  shift
  command -v "$1" >/dev/null 2>&1 || return 0
  if ask_found=$("$@" 2>/dev/null); then tell "$ask_name" "$(printf '%s' "$ask_found" | tr '\n\t' '  ')"; fi
}

# first FILE...: the content of the first that can be read, as a fact
first() {
  first_name=$1
  shift
  for first_file in "$@"; do
    [ -r "$first_file" ] || continue
    tell "$first_name" "$(tr '\n\t' '  ' <"$first_file")"
    return 0
  done
}

system() {
  # shellcheck source=/dev/null
  (. /etc/os-release && tell os "$ID ${VERSION_ID-}" && tell os-name "${PRETTY_NAME-$ID}")
  tell memory "$(awk '$1 == "MemTotal:" {print $2}' /proc/meminfo)"
  ask cores getconf _NPROCESSORS_ONLN
  first model /sys/class/dmi/id/product_name
  ask time-zone readlink -f /etc/localtime
  first sleep-states /sys/power/state
}

network() {
  ask addresses ip -json address show
  ask routes ip -json -4 route show default
  # Behind systemd-resolved the servers that it asks stand in a file of its own.
  for file in /run/systemd/resolve/resolv.conf /etc/resolv.conf; do
    [ -r "$file" ] || continue
    tell dns "$(awk '$1 == "nameserver" {print $2}' "$file" | tr '\n' ' ')"
    break
  done
  command -v ethtool >/dev/null 2>&1 || return 0
  for device in /sys/class/net/*/device; do
    [ -e "$device" ] || continue
    nic=${device%/device}
    nic=${nic##*/}
    tell wake "$nic $(ethtool "$nic" 2>/dev/null | sed -n 's/^[[:space:]]*Supports Wake-on: //p')"
  done
}

disks() {
  ask mounts findmnt --json --list --real --output TARGET,SOURCE,FSTYPE,UUID,LABEL
  ask fstab findmnt --json --fstab --output TARGET,SOURCE,FSTYPE
  ask disks lsblk --json --bytes --list --output PATH,TYPE,FSTYPE,UUID,LABEL,SIZE,MOUNTPOINT
  for file in /etc/exports /etc/exports.d/*.exports; do
    [ -r "$file" ] || continue
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$file" | while IFS= read -r line; do
      tell export "$(printf '%s' "$line" | tr '\t' ' ')"
    done
  done
}

other() {
  if [ -e /dev/ipmi0 ]; then ask bmc ipmitool lan print; fi
  for mark in /etc/kubernetes/admin.conf /etc/kubernetes/kubelet.conf /etc/rancher/rke2 /etc/rancher/k3s; do
    if [ -e "$mark" ]; then tell cluster "$mark"; fi
  done
}

system
network
disks
other
tell end ok
