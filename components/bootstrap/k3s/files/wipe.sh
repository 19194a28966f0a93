# shellcheck shell=sh
# Takes K3s off the machine: its services, what they run, what they mounted, and its files. What pods keep in volumes of
# K3s's local-path class (storage) stays, and so do snapshots of etcd.

WIPE_DATA=/var/lib/rancher/k3s
WIPE_UNITS=/etc/systemd/system

k3s_wipe() {
  for wipe_unit in k3s k3s-agent; do
    [ ! -e "$WIPE_UNITS/$wipe_unit.service" ] || systemctl disable --now "$wipe_unit.service" || return 1
  done
  wipe_processes || return 1
  wipe_mounts || return 1
  wipe_links || return 1
  wipe_files
}

# wipe_fails WHAT: it is still there. A reset that is run again continues.
wipe_fails() {
  echo "$1 cannot be removed" >&2
  exit 1
}

# The shims of K3s's own containerd and all that they have started: containers outlive the service.
wipe_processes() {
  ps -e -o pid= -o ppid= -o args= | awk '
    {parent[$1] = $2}
    /containerd-shim/ && /\/run\/k3s\/containerd\/containerd\.sock/ {ours[$1] = 1}
    END {
      for (pid in parent)
        for (above = pid; above in parent && above > 1; above = parent[above])
          if (above in ours) {print pid; break}
    }' | while read -r wipe_pid; do
    kill -KILL "$wipe_pid" 2>/dev/null || ! kill -0 "$wipe_pid" 2>/dev/null || wipe_fails "the process $wipe_pid"
  done
}

# The deepest first. A disk that is mounted for the local volumes is the owner's.
wipe_mounts() {
  awk '{print $2}' /proc/self/mounts |
    grep -E "^(/run/k3s|$WIPE_DATA|/var/lib/kubelet|/run/netns/cni-[^/]*)(/|\$)" |
    grep -vE "^($WIPE_DATA|/var/lib/kubelet|$WIPE_DATA/storage.*)\$" | sort -r | while read -r wipe_mount; do
    wipe_mount=$(printf %b "$wipe_mount")
    umount "$wipe_mount" || umount -l "$wipe_mount" || exit 1
  done
}

# The pods' ends of their network, and flannel's, should another hand have made this cluster. One that goes with another
# may be gone before its turn.
wipe_links() {
  ip netns list 2>/dev/null | awk '/^cni-/ {print $1}' | while read -r wipe_netns; do
    ip netns delete "$wipe_netns" || ! ip netns list | awk '{print $1}' | grep -qxF "$wipe_netns" || wipe_fails "the network of pods $wipe_netns"
  done || return 1
  ip -o link show | sed -n 's/^[0-9]*: \([^:@]*\).*/\1/p' | while read -r wipe_link; do
    case $wipe_link in cali* | vxlan.calico | flannel.1 | cni0 | kube-ipvs0) ;; *) continue ;; esac
    ip link delete "$wipe_link" 2>/dev/null || ! ip link show dev "$wipe_link" >/dev/null 2>&1 || wipe_fails "the link $wipe_link"
  done
}

# No rm goes into another file system: what could not be unmounted keeps its files.
wipe_files() {
  rm -rf --one-file-system /run/k3s /etc/rancher/k3s /etc/cni/net.d /var/lib/vmstation/artefacts/k3s
  # It may be a disk of its own, whose folder cannot be removed.
  wipe_but /var/lib/kubelet
  wipe_but "$WIPE_DATA" server storage
  wipe_but "$WIPE_DATA/server" db
  wipe_but "$WIPE_DATA/server/db" snapshots
  for wipe_name in kubectl crictl ctr; do
    [ "$(readlink "/usr/local/bin/$wipe_name" || :)" != k3s ] || rm -f "/usr/local/bin/$wipe_name"
  done
  rm -f /usr/local/bin/k3s /usr/local/bin/k3s-killall.sh /usr/local/bin/k3s-uninstall.sh \
    /usr/local/bin/k3s-agent-uninstall.sh "$WIPE_UNITS/k3s.service" "$WIPE_UNITS/k3s.service.env" \
    "$WIPE_UNITS/k3s-agent.service" "$WIPE_UNITS/k3s-agent.service.env"
  systemctl daemon-reload
}

# wipe_but FOLDER NAME...: all that is in it but these, and itself where it is empty then
wipe_but() {
  [ -d "$1" ] && [ ! -L "$1" ] || return 0
  wipe_folder=$1
  shift
  for wipe_each in "$wipe_folder"/* "$wipe_folder"/.[!.]*; do
    case " $* " in *" ${wipe_each##*/} "*) ;; *) rm -rf --one-file-system "$wipe_each" ;; esac
  done
  for wipe_each; do rmdir "$wipe_folder/$wipe_each" 2>/dev/null || :; done
  rmdir "$wipe_folder" 2>/dev/null || :
}
