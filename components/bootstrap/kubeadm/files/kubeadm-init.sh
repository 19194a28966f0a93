#!/bin/sh
# kubeadm-init.sh VERSION NODE SNAPSHOTS: init, upgrade or leave alone, by what is there; then the manifests.
# SNAPSHOTS is a folder for etcd's snapshot before an upgrade, or "none".
set -eu

version=$1 node=$2 snapshots=$3
PATH=/usr/local/bin:$PATH
KUBECONFIG=/etc/kubernetes/admin.conf
export PATH KUBECONFIG
here=/etc/vmstation/kubeadm

tell() {
  echo "$*"
  echo "$*" >>"${VMSTATION_PROGRESS:-/dev/null}"
}

# etcd's pod mounts its data folder and nothing else that it could write to.
snapshot() {
  [ "$snapshots" != none ] || return 0
  tell "etcd snapshot"
  (umask 077 && mkdir -p "$snapshots")
  kubectl -n kube-system exec "etcd-$node" -- etcdctl --endpoints https://127.0.0.1:2379 \
    --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/server.crt \
    --key /etc/kubernetes/pki/etcd/server.key snapshot save /var/lib/etcd/vmstation-snapshot.db
  mv /var/lib/etcd/vmstation-snapshot.db "$snapshots/snapshot-$(date -u +%Y%m%dT%H%M%SZ).db"
}

systemctl daemon-reload
systemctl enable containerd kubelet
systemctl start containerd
if [ -e /opt/helm/linux-amd64/helm ]; then ln -sf /opt/helm/linux-amd64/helm /usr/local/bin/helm; fi

if [ ! -e /etc/kubernetes/admin.conf ]; then
  tell "kubeadm init, Kubernetes $version"
  kubeadm init --config "$here/init.yaml" --upload-certs
else
  running=$(kubectl get --raw /version | python3 -c 'import json,sys; print(json.load(sys.stdin)["gitVersion"].lstrip("v"))')
  if [ "$running" != "$version" ]; then
    snapshot
    tell "kubeadm upgrade, Kubernetes $running to $version"
    # kubeadm itself refuses to skip a minor version or to go back.
    kubeadm upgrade apply --yes "v$version"
    systemctl restart kubelet
  fi
fi

tell "Calico and add-ons"
for manifest in "$here"/manifests/*.yaml; do
  # Server-side: the operator's definitions are too long for the annotation of a client-side apply.
  kubectl apply --server-side --force-conflicts --field-manager=vmstation -f "$manifest"
  case $manifest in *-crds.yaml) kubectl wait --for=condition=Established --timeout=60s crd --all ;; esac
done
kubectl -n kube-system patch deployment coredns --type merge --patch-file "$here/coredns-patch.yaml"
