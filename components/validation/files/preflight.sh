# shellcheck shell=sh
# Looks at a machine before anything is changed on it, reports all findings at once, and changes nothing:
# not even a record of itself is kept.

step() {
  # What has been laid down since is the drift verb's to compare.
  if applying; then
    : >"$WORK/findings"
    look_at_system
    look_at_architecture
    look_at_kernel
    look_at_memory_control
    look_at_wake
    look_at_hardware
    look_at_cluster_nic
    look_at_known_address
    look_at_disk / "$ROOT_DISK"
    look_at_disk /var "$VAR_DISK"
    look_for_cluster
    report
  fi
  exit 0
}

# finding WHAT FOUND EXPECTED WHAT-TO-DO
finding() { printf '  %s: found %s, expected %s\n    to do: %s\n' "$@" >>"$WORK/findings"; }

report() {
  [ -s "$WORK/findings" ] || return 0
  printf 'vmstation: %s: preflight stopped before anything was changed on it\n' "$MACHINE" >&2
  cat "$WORK/findings" >&2
  exit 1
}

# os_release KEY: its value without quotes
os_release() { sed -n "s/^$1=//p" "$ROOT/etc/os-release" 2>/dev/null | tr -d "\"'"; }

look_at_system() {
  look_at_release
  missing=
  for tool in $TOOLS; do
    command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
  done
  [ -z "$missing" ] || finding "programs" "no$missing" "$TOOLS" "install what is missing"
}

# What is made of a system that we know is near enough to it, and is said to be no more than that.
look_at_release() {
  release=$(os_release PRETTY_NAME)
  [ -n "$release" ] || release=$(echo "$(os_release ID) $(os_release VERSION_ID)" | sed 's/ *$//')
  known=$(known_system "$ROOT/etc/os-release" 2>/dev/null) || known=
  case $known in
    "$OS exact") ;;
    "$OS near") say "$STEP: $release is made of $OS_TITLE and is taken for it; nobody has tested that" ;;
    "")
      finding "operating system" "${release:-nothing in /etc/os-release}, which VMStation does not know" "$OS_TITLE" \
        "install a system that it knows ($(known_names)), or leave this machine out of vmstation:machines"
      ;;
    *)
      finding "operating system" "$release" "$OS_TITLE" \
        "set vmstation:machines.$MACHINE.os to ${known% *}, or look whether this is the machine you mean"
      ;;
  esac
  [ ! -e "$ROOT/etc/pve" ] || say "$STEP: Proxmox VE runs here. The firewall closes its ports (8006 and others) \
unless vmstation:node.firewall.extraPorts opens them"
}

known_names() { printf '%s\n' "$KNOWN_SYSTEMS" | awk '{printf "%s%s", (NR > 1 ? ", " : ""), $1}'; }

look_at_architecture() {
  architecture=$(uname -m)
  line=$(printf '%s\n' "$ARCHITECTURES" | awk -v own="$architecture" '$1 == own')
  case $line in
    "")
      finding "architecture" "$architecture" "$(printf '%s\n' "$ARCHITECTURES" | awk '{printf "%s ", $1}')for method $METHOD" \
        "choose another vmstation:bootstrap.method, or leave this machine out of vmstation:machines"
      ;;
    *" "*)
      keys=$(printf '%s\n' "$line" | awk '{for (i = 2; i <= NF; i++) printf "%svmstation:%s", (i > 2 ? ", " : ""), $i}')
      finding "architecture" "$architecture, whose programs have no digest here" "the digests of what it downloads" \
        "set $keys"
      ;;
  esac
}

look_at_kernel() {
  kernel=$(uname -r)
  if ! at_least "$kernel" "$LEAST_KERNEL"; then
    finding "kernel" "$kernel" "$LEAST_KERNEL or newer" "install a newer kernel and start it"
  fi
  missing=
  for module in $MODULES; do module_exists "$module" || missing="$missing $module"; done
  [ -n "$missing" ] || return 0
  # Red Hat keeps some modules in a package of their own, which the preparation of the machine installs.
  if [ "$EXTRA_MODULES" = kernel-modules-extra ] && ! rpm -q "kernel-modules-extra-$kernel" >/dev/null 2>&1; then
    say "$STEP: no$missing yet; kernel-modules-extra-$kernel will be installed"
    return 0
  fi
  modules_package="the package of the running kernel's modules"
  [ -z "$EXTRA_MODULES" ] || modules_package=$EXTRA_MODULES-$kernel
  finding "kernel modules" "no$missing" "$(echo "$MODULES" | tr '\n' ' ')" \
    "install $modules_package, or start the kernel that is installed"
}

# The kubelet limits pods' memory by control groups. A Raspberry Pi's firmware starts the kernel without them.
look_at_memory_control() {
  grep -qsw cgroup_disable=memory "$ROOT/proc/cmdline" || return 0
  ! grep -qsw memory "$ROOT/sys/fs/cgroup/cgroup.controllers" || return 0
  finding "memory control groups" "cgroup_disable=memory in /proc/cmdline" "a kernel that has them" \
    "append ' cgroup_enable=memory cgroup_memory=1' to the one line of /boot/firmware/cmdline.txt (a Raspberry Pi's), and reboot"
}

# A Raspberry Pi that is switched off listens to nothing: no magic packet wakes it.
look_at_wake() {
  [ "$WAKES" = magic-packet ] || return 0
  model=$(tr -d '\000' 2>/dev/null <"$ROOT/proc/device-tree/model") || return 0
  case $model in *"Raspberry Pi"*) ;; *) return 0 ;; esac
  finding "way to wake it" "magic packets alone, on a $model" "a way that wakes a Raspberry Pi" \
    "set vmstation:machines.$MACHINE.power.mode to always-on, or configure another way to wake it"
}

# at_least VERSION MINIMUM, by major and minor number
at_least() {
  printf '%s\n%s\n' "$1" "$2" | awk -F '[.-]' '
    { major[NR] = $1 + 0; minor[NR] = $2 + 0 }
    END { exit !(major[1] > major[2] || (major[1] == major[2] && minor[1] >= minor[2])) }'
}

module_exists() {
  [ -d "$ROOT/sys/module/$1" ] ||
    grep -qs "/$1\.ko" "$ROOT/lib/modules/$kernel/modules.builtin" ||
    modinfo -n "$1" >/dev/null 2>&1
}

look_at_hardware() {
  have=$(awk '$1 == "MemTotal:" {printf "%.0f", $2 * 1024}' "$ROOT/proc/meminfo")
  if [ "$have" -lt "$LEAST_MEMORY" ]; then
    finding "memory" "$(mega "$have")" "$(mega "$LEAST_MEMORY") or more" "a machine of the cluster needs more memory"
  elif [ "$CONFIGURED_MEMORY" -gt 0 ] && [ $((have / 7)) -lt $((CONFIGURED_MEMORY / 8)) ]; then
    # Firmware, graphics and the kernel take their part: an eighth may be missing.
    finding "memory" "$(mega "$have")" "about $(mega "$CONFIGURED_MEMORY")" "correct vmstation:machines.$MACHINE.memory"
  fi
  case $NIC in
    [0-9]*)
      address=$NIC
      NIC=$(ip -o -4 address show to "$address" | awk 'NR == 1 {print $2}')
      if [ -z "$NIC" ]; then
        finding "network interface" "none with the address $address" "the one on the LAN" \
          "set vmstation:machines.$MACHINE.nic and .address; 'ip -4 address' on the machine shows them"
        return 0
      fi
      ;;
  esac
  if [ ! -e "$ROOT/sys/class/net/$NIC/address" ]; then
    finding "network interface" "$(cd "$ROOT/sys/class/net" && echo *)" "$NIC" \
      "correct vmstation:machines.$MACHINE.nic"
    return 0
  fi
  addresses=$(macs_of "$NIC" | sort -u)
  if [ -n "$MAC" ] && ! printf '%s\n' "$addresses" | grep -qxF -- "$MAC"; then
    finding "MAC address of $NIC" "$(printf '%s' "$addresses" | tr '\n' ' ')" "$MAC" \
      "correct vmstation:machines.$MACHINE.mac, or look whether this is the machine you mean"
  fi
}

# The NIC in the network that the machines have for themselves. A virtual machine that was there before its second NIC has
# no address from cloud-init.
look_at_cluster_nic() {
  [ -n "${CLUSTER_NIC:-}" ] || return 0
  if [ ! -e "$ROOT/sys/class/net/$CLUSTER_NIC/mtu" ]; then
    finding "network interface of the cluster" "$(cd "$ROOT/sys/class/net" && echo *)" "$CLUSTER_NIC" \
      "correct vmstation:machines.$MACHINE.clusterNic; of a virtual machine restart it where Proxmox could not plug the NIC in"
    return 0
  fi
  nic_has=$(ip -o -4 address show dev "$CLUSTER_NIC" | awk '{printf "%s%s", sep, $4; sep = " "}')
  case " $nic_has " in
    *" $CLUSTER_ADDRESS "*) ;;
    *)
      finding "address of $CLUSTER_NIC" "${nic_has:-none}" "$CLUSTER_ADDRESS" \
        "set it on the machine, without a gateway (docs/machines.md has the files); cloud-init sets it only as a virtual machine is made"
      ;;
  esac
  nic_takes=$(cat "$ROOT/sys/class/net/$CLUSTER_NIC/mtu")
  [ "$nic_takes" -ge "$CLUSTER_MTU" ] ||
    finding "MTU of $CLUSTER_NIC" "$nic_takes" "$CLUSTER_MTU or more" \
      "lower vmstation:network.mtu, which pods have, by $((CLUSTER_MTU - nic_takes)), or raise the NIC's"
}

# macs_of INTERFACE: its own address and those of what it is made of. A magic packet is for the card below a bridge, a
# bond or a VLAN, whose address may be another.
macs_of() {
  cat "$ROOT/sys/class/net/$1/address"
  [ ! -e "$ROOT/sys/class/net/$1/bonding_slave/perm_hwaddr" ] ||
    cat "$ROOT/sys/class/net/$1/bonding_slave/perm_hwaddr"
  for lower in "$ROOT/sys/class/net/$1"/lower_*; do
    [ ! -e "$lower" ] || macs_of "${lower##*/lower_}"
  done
}

mega() { echo "$(($1 / 1000000)) MB"; }

# look_at_disk FOLDER LEAST-BYTES: the size of its file system; what is in use is watched later, by alerts
look_at_disk() {
  bytes=$(df -P -k "$1" | awk 'NR == 2 {printf "%.0f", $2 * 1024}')
  [ "$bytes" -ge "$2" ] ||
    finding "file system of $1" "$(mega "$bytes")" "$(mega "$2") or more" "give $1 more room"
}

# A cluster that this program has not made is never run over. Its own leaves traces: each machine that it has
# prepared keeps the record of its steps, the controller the record of the cluster.
look_for_cluster() {
  [ ! -e "$RECORD" ] || return 0
  if [ -n "$(ls -A "$STATE/steps" 2>/dev/null)" ]; then return 0; fi
  look_for_foreign_cluster || return 0
  [ "$EXISTING" != reset ] || return 0
  for mark in $MARKS; do
    [ -e "$ROOT$mark" ] || continue
    if [ "$EXISTING" = adopt ]; then
      look_at_node_name
      look_at_network_plugin
      look_at_api_port
      return 0
    fi
    finding "existing cluster" "$mark" "a machine that belongs to none" \
      "say vmstation:bootstrap.existing: adopt to keep that cluster, or reset to remove it"
    return 0
  done
}

# One that the method could not have made: it is neither taken over nor wiped. Code 1 where there is one.
look_for_foreign_cluster() {
  printf '%s\n' "$FOREIGN_MARKS" >"$WORK/marks"
  while read -r distribution mark; do
    [ -e "$ROOT$mark" ] || continue
    finding "existing cluster" "$distribution ($mark)" "a machine that belongs to none, or to one by $METHOD" \
      "take the machine out of that cluster with $distribution's own program, or leave it out of vmstation:machines"
    return 1
  done <"$WORK/marks"
  for mark in $MARKS; do [ ! -e "$ROOT$mark" ] || return 0; done
  process=$(kubelet_of_others)
  [ -n "$process" ] || return 0
  finding "existing cluster" "a running kubelet ($process)" "a machine that belongs to none" \
    "end that program and remove what starts it, or leave the machine out of vmstation:machines"
  return 1
}

# The first process that is, or holds, a kubelet: "kubelet, process 812". Those in containers are the containers' own.
kubelet_of_others() {
  for process in "$ROOT"/proc/[0-9]*; do
    name=$(cat "$process/comm" 2>/dev/null) || continue
    case $name in kubelet | kubelite | k3s | k3s-agent | k3s-server | k0s | rke2) ;; *) continue ;; esac
    [ "$(readlink "$process/ns/pid")" = "$(readlink "$ROOT/proc/1/ns/pid")" ] || continue
    echo "$name, process ${process##*/}"
    return 0
  done
}

# What follows would break the cluster that is to be adopted as soon as the host's own settings change.

# The name that the kubelet registers under: told to it, in its credentials, or the host's name, which is going to be
# the configured one.
look_at_node_name() {
  node=$(sed -n 's/.*--hostname-override=\([^" ]*\).*/\1/p' "$ROOT/etc/kubernetes/kubelet.env" 2>/dev/null | head -n 1)
  [ -n "$node" ] || node=$(sed -n 's/.*user: system:node:\([^@" ]*\).*/\1/p' "$ROOT/etc/kubernetes/kubelet.conf" 2>/dev/null | head -n 1)
  certificate=$ROOT/var/lib/kubelet/pki/kubelet-client-current.pem
  [ -e "$certificate" ] || certificate=$ROOT/var/lib/rancher/k3s/agent/client-kubelet.crt
  if [ -z "$node" ] && [ -e "$certificate" ] && command -v openssl >/dev/null 2>&1; then
    node=$(openssl x509 -noout -subject -in "$certificate" | sed -n 's/.*system:node:\([^,/ ]*\).*/\1/p')
  fi
  [ -n "$node" ] || node=$(tr '[:upper:]' '[:lower:]' <"$ROOT/proc/sys/kernel/hostname")
  [ "$node" = "$MACHINE" ] ||
    finding "name of the node in its cluster" "$node" "$MACHINE" \
      "call it $node in vmstation:machines: a node cannot be renamed"
}

look_at_network_plugin() {
  plugins=
  # K3s keeps flannel's in a folder of its own.
  for file in "$ROOT"/etc/cni/net.d/*.conf "$ROOT"/etc/cni/net.d/*.conflist \
    "$ROOT"/var/lib/rancher/k3s/agent/etc/cni/net.d/*.conflist; do
    case ${file##*/} in
      '*'* | *loopback*) ;;
      *calico*) return 0 ;;
      *) plugins="$plugins ${file##*/}" ;;
    esac
  done
  [ -z "$plugins" ] || finding "network plugin of its cluster" "${plugins# }" "Calico" \
    "only a cluster with Calico can be adopted; see docs/bootstrap.md"
}

look_at_api_port() {
  port=$(sed -n 's/.*--secure-port=\([0-9]*\).*/\1/p' "$ROOT/etc/kubernetes/manifests/kube-apiserver.yaml" 2>/dev/null | head -n 1)
  [ -z "$port" ] || [ "$port" = "$API_PORT" ] ||
    finding "port of its API server" "$port" "$API_PORT" "set vmstation:bootstrap.apiServerPort to $port"
}
