# shellcheck shell=sh
# Behind remote/files/system.sh. Looks at a machine and changes nothing: one fact on a line, its name, a tab and what was found. What cannot be read is
# told as a problem, and everything else goes on.

export LC_ALL=C

tell() { printf '%s\t%s\n' "$1" "$2"; }

# ask NAME COMMAND...: what the command prints, on one line; nothing where it is missing
ask() {
  ask_name=$1
  shift
  command -v "$1" >/dev/null 2>&1 || return 0
  if ask_found=$("$@" 2>/dev/null); then
    tell "$ask_name" "$(printf '%s' "$ask_found" | tr '\n\t' '  ')"
  else
    # One that finds nothing says nothing.
    ask_said=$("$@" 2>&1 >/dev/null | head -n 1)
    [ -z "$ask_said" ] || tell problem "$ask_said"
  fi
}

# first NAME FILE...: the content of the first that can be read, as a fact
first() {
  first_name=$1
  shift
  for first_file in "$@"; do
    if [ -r "$first_file" ] && first_found=$(tr '\n\t' '  ' 2>/dev/null <"$first_file"); then
      tell "$first_name" "$first_found"
      return 0
    fi
  done
}

# lines NAME FILE: each line of a file as a fact, behind one that names the file
lines() {
  [ -e "$2" ] || return 0
  if lines_found=$(tr '\t' ' ' 2>/dev/null <"$2" | sed "s/^/$1	/") && [ -f "$2" ] && [ -r "$2" ]; then
    tell "$1-file" "$2"
    printf '%s\n' "$lines_found"
  else
    tell problem "$2 cannot be read"
  fi
}

system() {
  if [ -r /etc/os-release ]; then
    # shellcheck source=/dev/null
    (. /etc/os-release && tell os "$ID ${VERSION_ID-}" && tell os-name "${PRETTY_NAME-$ID}")
    tell known "$(known_system /etc/os-release)"
  fi
  tell memory "$(awk '$1 == "MemTotal:" {print $2}' /proc/meminfo)"
  ask cores getconf _NPROCESSORS_ONLN
  first model /sys/class/dmi/id/product_name
  first sleep-states /sys/power/state
}

# The link itself says which zone was chosen; what it leads to may be another name of it. A plain file says nothing.
time_zone() {
  if [ -L /etc/localtime ]; then
    tell time-zone "$(readlink /etc/localtime)"
  elif [ -s /etc/timezone ]; then
    first time-zone /etc/timezone
  elif [ -e /etc/localtime ]; then
    tell problem "/etc/localtime is a plain file, so the time zone has no name"
  else
    tell time-zone UTC
  fi
}

network() {
  ask addresses ip -json address show
  ask routes ip -json -4 route show default
  # What is hardware: a bridge, a bond or a VLAN has none of its own.
  for device in /sys/class/net/*/device; do
    [ -e "$device" ] || continue
    nic=${device%/device}
    nic=${nic##*/}
    tell hardware "$nic"
    command -v ethtool >/dev/null 2>&1 || continue
    tell wake "$nic $(ethtool "$nic" 2>/dev/null | sed -n 's/^[[:space:]]*Supports Wake-on: //p')"
  done
}

name_servers() {
  # Behind systemd-resolved the servers that it asks stand in a file of its own.
  for file in /run/systemd/resolve/resolv.conf /etc/resolv.conf; do
    [ -e "$file" ] || continue
    lines resolv "$file"
    break
  done
  # Where pods ask: a cluster's own, useless to the machine once the cluster is gone.
  for file in /var/lib/kubelet/config.yaml /etc/kubernetes/kubelet-config.yaml; do
    [ -r "$file" ] || continue
    tell cluster-dns "$(awk '/^clusterDNS:/ {on = 1; next} /^[^- ]/ {on = 0} on {print $2}' "$file" | tr '\n"' '  ')"
  done
}

disks() {
  ask mounts findmnt --json --list --real --nofsroot --output TARGET,SOURCE,FSROOT,FSTYPE,OPTIONS,UUID,LABEL
  if [ -e /etc/fstab ]; then
    ask fstab findmnt --json --fstab --output TARGET,SOURCE,FSTYPE,OPTIONS
    findmnt --fstab 2>&1 >/dev/null | sed 's/^findmnt: /problem	/'
  fi
  ask disks lsblk --json --bytes --list --output PATH,TYPE,FSTYPE,UUID,LABEL,PARTUUID,PARTLABEL,SIZE,MOUNTPOINT
  file_servers
}

# The address of each NFS server: not every name that works there can be written in a configuration.
file_servers() {
  {
    findmnt --fstab --noheadings --output SOURCE,FSTYPE
    findmnt --noheadings --output SOURCE,FSTYPE
  } 2>/dev/null | awk '$2 ~ /^nfs4?$/ {sub(":/.*", "", $1); print $1}' | sort -u | while read -r server; do
    tell file-server "$server $(getent ahostsv4 "$server" | awk 'NR == 1 {print $1}')"
  done
}

exports() {
  for file in /etc/exports /etc/exports.d/*.exports; do lines export "$file"; done
}

other() {
  if [ -e /dev/ipmi0 ]; then ask bmc ipmitool lan print; fi
  for mark in /etc/kubernetes/admin.conf /etc/kubernetes/kubelet.conf /etc/rancher/rke2 /etc/rancher/k3s; do
    if [ -e "$mark" ]; then tell cluster "$mark"; fi
  done
}

# Each by itself: one that ends with an error takes no other with it. This script is the shell's standard input: no
# program may read it.
for part in system time_zone network name_servers disks exports other; do
  (set +e; "$part") </dev/null || tell problem "the look at the machine's $part stopped with an error"
done
tell end ok
