#!/bin/sh
# kubeadm-join.sh VERSION NODE IGNORED: joins where the machine is in no cluster, else lets its kubelet follow. IGNORED are
# checks of kubeadm's that may fail, one to a line.
set -eu

version=$1 node=$2 ignored=$(printf %s "${3:-}" | tr "\n" ,)
PATH=/usr/local/bin:$PATH
export PATH
state=/var/lib/vmstation/bootstrap
# There from before kubeadm join until it has ended well: what is on the machine then is half made, and ours.
begun=$state/kubeadm-begun
joined=$state/kubeadm-version
library=/usr/local/lib/vmstation/kubeadm
admin=/etc/kubernetes/admin.conf

tell() {
  echo "$*"
  echo "$*" >>"${VMSTATION_PROGRESS:-/dev/null}"
}

# mark FILE TEXT: on the disk before what follows
mark() {
  mkdir -p "$state"
  echo "$2" >"$1.new"
  sync "$1.new"
  mv -f "$1.new" "$1"
  sync "$state"
}

# A join that was cut leaves files that keep the next one from starting. A control plane may have its Node already,
# under whose name nobody joins as long as it is Ready.
reset_half_made() {
  [ -e "$begun" ] || return 0
  tell "kubeadm reset, of a join that did not end"
  if [ -e "$admin" ]; then
    kubectl --kubeconfig "$admin" --request-timeout=20s delete node "$node" --ignore-not-found ||
      tell "the cluster does not answer; its Node $node, if there is one, is left to time out"
  fi
  kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock
}

# A worker that becomes a control plane leaves whole. Cut in between, it does so again.
reset_promoted() {
  [ -e "$state/kubeadm-promoted" ] || return 0
  tell "kubeadm reset, of the worker that becomes a control plane"
  kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock
  rm -f "$joined"
  mark "$begun" "$(date -u +%FT%TZ)"
  rm -f "$state/kubeadm-promoted"
}

# kubeadm joins a worker before its kubelet runs; with its own certificate it is a member.
is_worker_joined() { [ ! -e "$admin" ] && [ -e /var/lib/kubelet/pki/kubelet-client-current.pem ] && systemctl -q is-active kubelet; }

join() {
  tell "kubeadm join"
  rm -f "$joined"
  mark "$begun" "$(date -u +%FT%TZ)"
  /bin/sh "$library/place-kubelet.sh"
  kubeadm join --config /etc/vmstation/kubeadm/join.yaml
}

# A kubelet without this folder says so every second.
mkdir -p /etc/kubernetes/manifests
# A machine that was removed from the cluster and comes back: a kubelet makes its Node only when it starts.
is_node_gone() {
  answer=$(kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout=20s get node "$node" -o name 2>&1) && return 1
  case $answer in *NotFound*) return 0 ;; *) return 1 ;; esac
}

systemctl daemon-reload
systemctl enable containerd kubelet
systemctl start containerd
reset_promoted
# Cut between the two marks: it has ended.
[ ! -e "$joined" ] || rm -f "$begun"
if [ -e "$begun" ] && is_worker_joined; then
  tell "kubeadm join had ended"
elif [ -e "$begun" ] || [ ! -e /etc/kubernetes/kubelet.conf ]; then
  reset_half_made
  join
elif [ ! -e "$joined" ] || [ "$(cat "$joined")" != "$version" ]; then
  /bin/sh "$library/upgrade-machine.sh" "$version" "$node" /etc/vmstation/kubeadm/upgrade.kubeconfig \
    kubeadm upgrade node ${ignored:+"--ignore-preflight-errors=$ignored"}
fi
# After a join its kubelet makes the Node in its own time.
if [ ! -e "$begun" ] && is_node_gone; then
  tell "starting the kubelet again, as its Node was deleted"
  systemctl restart kubelet
fi
mark "$joined" "$version"
rm -f "$begun"
