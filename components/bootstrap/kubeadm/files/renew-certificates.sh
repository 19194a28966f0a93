#!/bin/sh
# renew-certificates.sh PORT: renews the certificates of this control plane, and starts its pods with them.
# They hold for a year; kubeadm renews them by itself only in an upgrade.
set -eu

PATH=/usr/local/bin:$PATH
export PATH CONTAINER_RUNTIME_ENDPOINT=unix:///run/containerd/containerd.sock

kubeadm certs renew all

# The kubelet starts a static pod again as soon as it is gone. One after the other, so that etcd and the API are
# back before the next one goes. The kubelet waits up to five minutes before it starts a container again that has ended
# several times, as those do whose certificates are over.
for pod in etcd kube-apiserver kube-controller-manager kube-scheduler; do
  crictl pods --namespace kube-system --name "^$pod-" --quiet | xargs -r crictl rmp --force
  curl --silent --show-error --insecure --output /dev/null --retry 200 --retry-delay 2 --retry-all-errors --fail \
    "https://127.0.0.1:$1/readyz"
done
