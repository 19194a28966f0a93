#!/bin/sh
# install-k3s.sh RELEASE SERVICE NODE INTENT FETCHER SNAPSHOTS MANIFESTS PORT FOLDER: the program, its service, and on the controller
# what is applied to the cluster. A changed INTENT (the configuration) restarts the service. Before an upgrade SNAPSHOTS
# of etcd are kept, 0 for none, and a server drains itself. MANIFESTS are the names of the wanted ones, one to a line;
# none on other machines than the controller. PORT is the API server's, FOLDER that of the snapshots.
set -eu

release=$1 service=$2 node=$3 intent=$4 fetcher=$5 snapshots=$6 wanted=$7 port=$8 folder=$9
program=/usr/local/bin/k3s
fetched=/var/lib/vmstation/artefacts/k3s
data=/var/lib/rancher/k3s
here=/etc/vmstation/k3s
library=/usr/local/lib/vmstation/bootstrap
state=/var/lib/vmstation/bootstrap

tell() {
  echo "$*"
  echo "$*" >>"${VMSTATION_PROGRESS:-/dev/null}"
}

# Without it etcd-snapshot asks at 6443.
snapshot() { "$program" etcd-snapshot "$@" --name vmstation --etcd-server "https://127.0.0.1:$port"; }

kube() { "$program" kubectl --kubeconfig /etc/rancher/k3s/k3s.yaml "$@"; }

# The release that the data on this machine was last used by; nothing where there is none.
running_release() {
  if [ -e "$state/k3s-release" ]; then
    cat "$state/k3s-release"
  elif [ -e "$data/server/token" ] || [ -e "$data/agent/kubelet.kubeconfig" ]; then
    "$program" --version | sed -n 's/^k3s version \([^ ]*\).*/\1/p'
  fi
}

turn() { sh "$library/turn-node.sh" "$1" "$node" "$release" /etc/rancher/k3s/k3s.yaml "$program" kubectl; }

# What is to be upgraded has to run: a snapshot and a drain are asked of it.
prepare_upgrade() {
  [ "$service" = k3s ] || return 0
  systemctl start "$service"
  if [ "$snapshots" -gt 0 ]; then
    tell "etcd snapshot"
    snapshot save
    # By the name that config.yaml has: with both of its names K3s refuses.
    snapshot prune --etcd-snapshot-retention "$snapshots"
  fi
  turn drain
}

# install_program: whole or not at all
install_program() {
  if cmp -s "$fetched" "$program"; then return 0; fi
  install -m 0755 "$fetched" "$program.new"
  sync "$program.new"
  mv -f "$program.new" "$program"
  changed=program
}

# The program is these commands too, by the name that it is called by. Somebody else's are left as they are.
link_commands() {
  for command in kubectl crictl ctr; do
    [ -h "/usr/local/bin/$command" ] || [ -e "/usr/local/bin/$command" ] || ln -s k3s "/usr/local/bin/$command"
  done
}

run_service() {
  systemctl daemon-reload
  systemctl enable "$service"
  verb=start
  [ -z "$changed" ] || verb=restart
  tell "${verb}ing $service"
  sh "$library/start-service.sh" "$verb" "$service" "$node"
}

# Where a drain has moved it to, a machine that sleeps would stay awake. The manifest, applied again, leaves this as it is.
place_operator() {
  [ -n "$(kube -n tigera-operator get deployment tigera-operator --ignore-not-found -o name)" ] || return 0
  kube -n tigera-operator patch deployment tigera-operator --type merge --patch-file "$here/operator-patch.yaml"
}

apply_manifests() {
  for manifest in "$here"/manifests/*.yaml; do
    if ! printf '%s\n' "$wanted" | grep -qxF "${manifest##*/}"; then continue; fi
    # Server-side: the operator's definitions are too long for the annotation of a client-side apply.
    kube apply --server-side --force-conflicts --field-manager=vmstation -f "$manifest"
    case $manifest in
      *-crds.yaml) kube wait --for=condition=Established --timeout=60s crd --all ;;
      *-operator.yaml) place_operator ;;
    esac
  done
}

# What K3s deploys by itself runs on machines that never sleep.
place_addons() {
  kube -n kube-system wait --for=create deployment/coredns --timeout=180s
  for deployment in $(kube -n kube-system get deployment -o name | grep -xE 'deployment.apps/(coredns|metrics-server)'); do
    kube -n kube-system patch "$deployment" --type merge --patch-file "$here/placement-patch.yaml"
  done
}

mkdir -p "$state"
# K3s makes none but its own default folder, and without it takes no snapshot.
if [ "$snapshots" -gt 0 ]; then (umask 077 && mkdir -p "$folder"); fi
changed=
running=$(running_release)
[ -z "$running" ] || sh "$library/one-step-forward.sh" K3s "$running" "$release"
sh "$fetcher" "$here/artefacts"
if [ -n "$running" ] && [ "$running" != "$release" ]; then prepare_upgrade; fi
install_program
link_commands
if [ ! -e "$state/k3s-intent" ] || [ "$(cat "$state/k3s-intent")" != "$intent" ]; then changed=intent; fi
run_service
echo "$release" >"$state/k3s-release"
echo "$intent" >"$state/k3s-intent"

if [ "$service" = k3s ]; then turn uncordon; fi
if [ -n "$wanted" ]; then
  tell "Calico and add-ons"
  apply_manifests
  place_addons
fi
