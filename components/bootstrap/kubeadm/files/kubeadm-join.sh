#!/bin/sh
# kubeadm-join.sh VERSION: joins where the machine is in no cluster, else lets its kubelet follow.
set -eu

version=$1
PATH=/usr/local/bin:$PATH
export PATH

tell() {
  echo "$*"
  echo "$*" >>"${VMSTATION_PROGRESS:-/dev/null}"
}

systemctl daemon-reload
systemctl enable containerd kubelet
systemctl start containerd
joined=/var/lib/vmstation/bootstrap/kubeadm-version
if [ ! -e /etc/kubernetes/kubelet.conf ]; then
  tell "kubeadm join"
  kubeadm join --config /etc/vmstation/kubeadm/join.yaml
elif [ ! -e "$joined" ] || [ "$(cat "$joined")" != "$version" ]; then
  tell "kubeadm upgrade node, Kubernetes $version"
  kubeadm upgrade node
  systemctl restart kubelet
fi
echo "$version" >"$joined"
