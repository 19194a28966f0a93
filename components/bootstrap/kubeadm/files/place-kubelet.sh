#!/bin/sh
# place-kubelet.sh: the kubelet that was downloaded takes its place. Not before its machine's turn in an upgrade: what starts
# the service meanwhile (a crash, a power cut) must not start a kubelet that is newer than the API server.
set -eu

fetched=/usr/local/lib/vmstation/kubeadm/kubelet
place=/usr/local/bin/kubelet

# An earlier version of this program has put it into its place.
[ -e "$fetched" ] || exit 0
if cmp -s "$fetched" "$place"; then exit 0; fi
install -m 0755 "$fetched" "$place.new"
sync "$place.new"
mv -f "$place.new" "$place"
