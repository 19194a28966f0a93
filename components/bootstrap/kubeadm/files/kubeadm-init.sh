#!/bin/sh
# kubeadm-init.sh VERSION NODE SNAPSHOTS KEEP MANIFESTS IGNORED: init, upgrade or leave alone, by what is there; then the manifests.
# SNAPSHOTS is a folder for etcd's snapshot before an upgrade, or "none"; KEEP of them stay. MANIFESTS are the names of
# those that are wanted, one to a line; what another one there has made is deleted. IGNORED are checks of kubeadm's that may
# fail, one to a line.
set -eu

version=$1 node=$2 snapshots=$3 keep=$4 wanted=$5 ignored=$(printf %s "${6:-}" | tr "\n" ,)
PATH=/usr/local/bin:$PATH
KUBECONFIG=/etc/kubernetes/admin.conf
export PATH KUBECONFIG
here=/etc/vmstation/kubeadm
library=/usr/local/lib/vmstation/kubeadm
shared=/usr/local/lib/vmstation/bootstrap
state=/var/lib/vmstation/bootstrap
# There from before kubeadm init until it has ended well: what is on the machine then is half made, and ours.
begun=$state/kubeadm-begun
# There once it has ended well, for ever: such a cluster is never reset.
ready=$state/kubeadm-ready

tell() {
  echo "$*"
  echo "$*" >>"${VMSTATION_PROGRESS:-/dev/null}"
}

# mark FILE: on the disk before what follows
mark() {
  mkdir -p "$state"
  date -u +%FT%TZ >"$1.new"
  sync "$1.new"
  mv -f "$1.new" "$1"
  sync "$state"
}

# etcd's pod mounts its data folder and nothing else that it could write to.
snapshot() {
  [ "$snapshots" != none ] || return 0
  tell "etcd snapshot"
  if [ "$(readlink -m "$snapshots")" != "$snapshots" ]; then
    tell "$snapshots is a link, or is reached by one: name the folder itself in vmstation:bootstrap.etcdSnapshot.directory"
    exit 1
  fi
  (umask 077 && mkdir -p "$snapshots")
  kubectl -n kube-system exec "etcd-$node" -- etcdctl --endpoints https://127.0.0.1:2379 \
    --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/server.crt \
    --key /etc/kubernetes/pki/etcd/server.key snapshot save /var/lib/etcd/vmstation-snapshot.db
  mv /var/lib/etcd/vmstation-snapshot.db "$snapshots/snapshot-$(date -u +%Y%m%dT%H%M%SZ).db"
  # Names sort by time.
  # What is called otherwise is not ours.
  find "$snapshots" -maxdepth 1 -type f -name 'snapshot-20[0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z.db' | sort -r | tail -n "+$((keep + 1))" | while IFS= read -r old; do
    rm -f "$old"
  done
}

# Whether somebody has used the cluster: another node, or a namespace that kubeadm does not make. The API has to answer.
is_used() {
  others=$(kubectl --request-timeout=20s get nodes,namespaces -o name 2>/dev/null |
    grep -vxE "node/$node|namespace/(default|kube-node-lease|kube-public|kube-system)") || return 1
  [ -n "$others" ]
}

# refuse WHY WHAT-TO-DO
refuse() {
  printf '%s\nto do: %s\n' "$@" | tee "${VMSTATION_FAILURE:-/dev/null}" >&2
  exit 1
}

refuse_reset() {
  refuse "kubeadm init was begun here and never ended, but $1: it is not reset" \
    "look at it with kubectl; where it is whole, \`rm $begun\` and run \`up\` again, else \`kubeadm reset\`"
}

refuse_data() {
  refuse "etcd's data is on this machine (/var/lib/etcd/member), but no $KUBECONFIG: a cluster was here" \
    "bring $KUBECONFIG back, or \`kubeadm reset\` where nothing of that cluster is to be kept"
}

# An init that was cut leaves files that keep the next one from starting.
reset_half_made() {
  # Cut between the two marks: it has ended.
  [ ! -e "$ready" ] || rm -f "$begun"
  [ -e "$begun" ] || return 0
  ! is_used || refuse_reset "the cluster is in use"
  tell "kubeadm reset, of an init that did not end"
  kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock
}

init() {
  tell "kubeadm init, Kubernetes $version"
  [ ! -d /var/lib/etcd/member ] || refuse_data
  rm -f "$ready"
  mark "$begun"
  /bin/sh "$library/place-kubelet.sh"
  kubeadm init --config "$here/init.yaml" --upload-certs
  mark "$ready"
  rm -f "$begun"
}

place_coredns() {
  kubectl -n kube-system patch deployment coredns --type merge --patch-file "$here/coredns-patch.yaml"
}

# It would stay on a machine that sleeps, once a drain has moved it there. Its manifest is the publisher's own, and applied
# again it leaves this as it is. A manifest of somebody else's has another operator.
place_operator() {
  [ -n "$(kubectl -n tigera-operator get deployment tigera-operator --ignore-not-found -o name)" ] || return 0
  kubectl -n tigera-operator patch deployment tigera-operator --type merge --patch-file "$here/operator-patch.yaml"
}

upgrade() {
  running=$(kubectl get --raw /version | python3 -c 'import json,sys; print(json.load(sys.stdin)["gitVersion"].lstrip("v"))')
  if [ "$running" != "$version" ]; then
    # kubeadm refuses this too, but its words name no way.
    sh "$shared/one-step-forward.sh" Kubernetes "$running" "$version"
    snapshot
    tell "kubeadm upgrade, Kubernetes $running to $version"
    kubeadm upgrade apply --yes ${ignored:+"--ignore-preflight-errors=$ignored"} "v$version"
    # It has written CoreDNS again, whose pods would go to any machine.
    place_coredns
  fi
  # By itself: an earlier run may have ended between the two, or before the machine took pods again.
  kubelet=$(kubectl get node "$node" -o 'jsonpath={.status.nodeInfo.kubeletVersion}')
  [ ! -e "$state/kubeadm-cordoned" ] || kubelet=cordoned
  case $kubelet in
    "" | "v$version") ;;
    *) /bin/sh "$library/upgrade-machine.sh" "$version" "$node" "$KUBECONFIG" : ;;
  esac
}

# An API server that does not answer says so, rather than a parser of its answer.
check_api() {
  kubectl --request-timeout=20s get --raw /readyz >/dev/null ||
    refuse "there is a cluster on this machine, and its API server does not answer" \
      "look at 'journalctl -u kubelet' and 'crictl ps -a'; where its kubeadm init never ended, \`kubeadm reset\`"
}

apply_manifests() {
  for manifest in "$here"/manifests/*.yaml; do
    if ! printf '%s\n' "$wanted" | grep -qxF "${manifest##*/}"; then
      tell "removing what ${manifest##*/} has made"
      kubectl delete --ignore-not-found -f "$manifest"
      continue
    fi
    # Server-side: the operator's definitions are too long for the annotation of a client-side apply.
    kubectl apply --server-side --force-conflicts --field-manager=vmstation -f "$manifest"
    case $manifest in
      *-crds.yaml) kubectl wait --for=condition=Established --timeout=60s crd --all ;;
      *-operator.yaml) place_operator ;;
    esac
  done
}

systemctl daemon-reload
systemctl enable containerd kubelet
systemctl start containerd

reset_half_made
if [ ! -e "$begun" ] && [ -e /etc/kubernetes/admin.conf ]; then
  check_api
  upgrade
else
  init
fi
# A cluster of before has no mark.
[ -e "$ready" ] || mark "$ready"

tell "Calico and add-ons"
apply_manifests
place_coredns
