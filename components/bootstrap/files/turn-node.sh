#!/bin/sh
# turn-node.sh drain|uncordon NODE RELEASE KUBECONFIG PROGRAM [WORD]: takes a node out of service before it is upgraded to
# RELEASE, and back afterwards. PROGRAM and WORD are kubectl. A node that is not there, or has that release already, is
# left alone; so is one that somebody else has cordoned. What was taken out is noted on the Node, so that a cut upgrade is
# continued.
set -eu

turn=$1 node=$2 release=$3 kubeconfig=$4 program=$5 word=${6:-}
mark=vmstation.io/drained

kube() { "$program" ${word:+"$word"} --kubeconfig "$kubeconfig" "$@"; }
shown() { kube get node "$node" --ignore-not-found -o "jsonpath={$1}"; }

tell() {
  echo "$*"
  echo "$*" >>"${VMSTATION_PROGRESS:-/dev/null}"
}

# is_ready ==|!=: whether this node, or another one, runs and takes pods
is_ready() { printf '%s\n' "$everyone" | awk -v node="$node" "\$1 $1 node && \$2 == \"Ready\" {found = 1} END {exit !found}"; }

is_ours() { [ -n "$(shown '.metadata.annotations.vmstation\.io/drained')" ]; }

drain() {
  [ "$running" != "$release" ] || return 0
  everyone=$(kube get nodes --no-headers)
  if ! is_ready '!=' || { ! is_ours && ! is_ready '=='; }; then
    tell "$node is not drained: it does not run, is cordoned, or no other machine could take its pods"
    return 0
  fi
  tell "draining $node"
  kube annotate node "$node" "$mark=$release" --overwrite
  kube drain "$node" --ignore-daemonsets --delete-emptydir-data --timeout=5m || {
    uncordon
    exit 1
  }
}

uncordon() {
  kube uncordon "$node"
  kube annotate node "$node" "$mark-"
}

running=$(shown .status.nodeInfo.kubeletVersion)
[ -n "$running" ] || exit 0
if [ "$turn" = drain ]; then
  drain
elif is_ours; then
  kube wait --for="jsonpath={.status.nodeInfo.kubeletVersion}=$release" "node/$node" --timeout=5m
  kube wait --for=condition=Ready "node/$node" --timeout=5m
  tell "$node takes pods again"
  uncordon
fi
