# shellcheck shell=sh
# Collects evidence on one machine; only looks. Its caller appends one line: collect TOKEN [controller].
# Before each section's output, byte for byte, stands a line "TOKEN INDEX CODE BYTES BYTES"; the output's first line
# is the section's name. A section whose name begins with "!" holds what must be taken out of all others, and is
# never kept.

# One command may take so long, and may say so much: its end is what counts.
SECONDS_EACH=60
BYTES_EACH=262144

section() {
  name=$1
  shift
  code=0
  # What the last section left, or a folder that is gone or full, must not pass for this one's answer.
  { rm -rf "$work/all" "$work/err" "$work/out" && mkdir -p "$work"; } 2>/dev/null
  timeout -k 5 "$SECONDS_EACH" "$@" 2>"$work/err" >"$work/all" </dev/null || code=$?
  if keep 2>/dev/null && size=$(wc -c <"$work/out" 2>/dev/null); then
    echo "$token $index $code $size 0"
    cat "$work/out"
  else
    text="$name
its output could not be kept: is ${work%/*} full?"
    echo "$token $index $code ${#text} 0"
    printf '%s' "$text"
  fi
  index=$((index + 1))
}

# The section's name and its output, to a file whose size is known before it is sent.
keep() {
  {
    echo "$name"
    case $name in
      # Half of a secret would take nothing out, and a warning would make it unreadable.
      '!'*) cat "$work/all" ;;
      *) cat "$work/all" "$work/err" | end_of ;;
    esac
  } >"$work/out"
}

# Whole lines only: of a secret that is cut in half, the rest would not be known for one.
end_of() {
  cat >"$work/long"
  if [ "$(wc -c <"$work/long")" -gt "$BYTES_EACH" ]; then
    tail -c "$BYTES_EACH" "$work/long" | sed 1d
  else
    cat "$work/long"
  fi
}

# only_if PROGRAM NAME COMMAND...: nothing where the machine has no such program
only_if() {
  if command -v "$1" >/dev/null 2>&1; then
    shift
    section "$@"
  fi
}

kube_section() {
  name=$1
  shift
  section "$name" kubectl --request-timeout=20s "$@"
}

collect() {
  token=$1
  index=0
  umask 077
  LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin:/var/lib/rancher/rke2/bin
  export LC_ALL PATH
  make_room || exit 1
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM PIPE
  echo "$token ready"
  section '!files' find /etc/vmstation -xdev -type f -size -16k ! -perm /077 ! -name '*.json' -exec cat {} +
  look_at_machine
  look_at_services
  look_at_network
  [ "${2:-}" != controller ] || look_at_cluster
  echo "$token end"
}

# A folder of its own, where there is room for one.
make_room() {
  for place in /run/vmstation-diagnose /dev/shm/vmstation-diagnose /tmp/vmstation-diagnose; do
    if work=$(mktemp -d "$place.XXXXXX") && echo >"$work/out"; then return 0; fi
  done 2>/dev/null
  echo "no folder for the answers: /run, /dev/shm and /tmp are full or cannot be written" >&2
  return 1
}

look_at_machine() {
  section "system" sh -c 'uname -a; cat /etc/os-release; uptime; timedatectl 2>&1'
  section "memory" free -m
  # -l: a dead NFS server would hold it up.
  section "disks" df -hlT
  section "inodes" df -hil
  only_if findmnt "mounts" findmnt --raw --output TARGET,SOURCE,FSTYPE,OPTIONS
  only_if lsblk "block devices" lsblk --fs
  # Names only: arguments hold secrets.
  section "processes" ps -eo pid,user,pcpu,pmem,etime,stat,comm --sort=-pcpu
  section "kernel messages" journalctl --dmesg --boot --no-pager --priority=warning --lines=200
}

look_at_services() {
  section "failed units" systemctl --no-pager --failed
  section "timers" systemctl --no-pager list-timers --all
  section "journal warnings" journalctl --no-pager --boot --priority=warning --since=-24h --lines=500
  for unit in kubelet containerd etcd rke2-server rke2-agent k3s k3s-agent chrony chronyd nfs-server; do
    if systemctl cat "$unit.service" >/dev/null 2>&1; then
      section "journal of $unit" journalctl --no-pager --unit="$unit" --since=-24h --lines=300
    fi
  done
  section "journal of vmstation" journalctl --no-pager --unit='vmstation*' --since=-7d --lines=500
  only_if chronyc "clock" chronyc -n tracking
  only_if chronyc "time sources" chronyc -n sources
  only_if crictl "containers" crictl ps --all
}

look_at_network() {
  section "addresses" ip -brief address
  section "routes" ip route
  section "neighbours" ip -brief neighbour
  section "listening" ss -H -tuln
  only_if nft "firewall" nft list table inet vmstation
  section "resolvers" cat /etc/resolv.conf
  for nic in /sys/class/net/*; do
    nic=${nic##*/}
    case $nic in lo | cali* | tunl* | veth*) continue ;; esac
    only_if ethtool "NIC $nic" ethtool "$nic"
  done
}

look_at_cluster() {
  for KUBECONFIG in /etc/kubernetes/admin.conf /etc/rancher/rke2/rke2.yaml /etc/rancher/k3s/k3s.yaml; do
    [ ! -s "$KUBECONFIG" ] || break
  done
  export KUBECONFIG
  [ ! -x /usr/local/sbin/vmstation-validate ] ||
    section "validation" /usr/local/sbin/vmstation-validate all --json
  command -v kubectl >/dev/null 2>&1 || return 0
  # Helm's records hold no secret that is not in another, and are long.
  kube_section '!objects' get secrets --all-namespaces --field-selector=type!=helm.sh/release.v1 -o json
  kube_section "nodes" get nodes -o wide
  kube_section "node details" describe nodes
  kube_section "pods" get pods --all-namespaces -o wide
  kube_section "events" get events --all-namespaces --sort-by=.lastTimestamp
  kube_section "workloads" get deployments,daemonsets,statefulsets,jobs,cronjobs --all-namespaces
  kube_section "volumes" get persistentvolumes,persistentvolumeclaims --all-namespaces
  kube_section "services" get services,endpointslices,networkpolicies --all-namespaces
  kube_section "names and classes" get ingresses,ingressclasses,storageclasses --all-namespaces
  look_at_platform
  kube_section "usage" top nodes
  # Their names only.
  kube_section "secrets" get secrets --all-namespaces
  look_at_sick_pods
}

# Objects of kinds that only some clusters have. Descriptions: the reason stands in them, and none holds a secret.
look_at_platform() {
  kinds=$(kubectl --request-timeout=20s get customresourcedefinitions --output name 2>/dev/null) || return 0
  for kind in ipaddresspools.metallb.io l2advertisements.metallb.io clusterissuers.cert-manager.io \
    certificates.cert-manager.io orders.acme.cert-manager.io challenges.acme.cert-manager.io; do
    case $kinds in
      *"/$kind"*) kube_section "$kind" describe "$kind" --all-namespaces ;;
    esac
  done
}

# NAMESPACE NAME of each pod that is not as it should be
look_at_sick_pods() {
  kubectl --request-timeout=20s get pods --all-namespaces --no-headers >"$work/pods" 2>/dev/null || return 0
  awk '{split($3, ready, "/")} $4 != "Completed" && (ready[1] != ready[2] || $4 != "Running") {print $1, $2}' \
    "$work/pods" | head -n 20 >"$work/sick"
  while read -r space pod; do
    kube_section "pod $space/$pod" -n "$space" describe pod "$pod"
    kube_section "logs of $space/$pod" -n "$space" logs "$pod" --all-containers --tail=200 --prefix
    kube_section "earlier logs of $space/$pod" \
      -n "$space" logs "$pod" --all-containers --tail=200 --prefix --previous
  done <"$work/sick"
}
