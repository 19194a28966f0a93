#!/bin/sh
# upgrade-machine.sh VERSION NODE KUBECONFIG COMMAND...: one machine of a running cluster comes to another Kubernetes version.
# COMMAND is kubeadm's own part; then the machine is drained, its kubelet starts in that version, and pods may come back. One
# machine of the cluster does this at a time. Started again after it was cut, it goes on.
set -eu

version=$1 node=$2 config=$3
shift 3
PATH=/usr/local/bin:$PATH
export PATH
# There while this machine is cordoned by us, and not by somebody else.
cordoned=/var/lib/vmstation/bootstrap/kubeadm-cordoned
lease=vmstation-upgrade
WAIT_SECONDS=3600

tell() {
  echo "$*"
  echo "$*" >>"${VMSTATION_PROGRESS:-/dev/null}"
}

# refuse WHY WHAT-TO-DO
refuse() {
  printf '%s\nto do: %s\n' "$@" | tee "${VMSTATION_FAILURE:-/dev/null}" >&2
  exit 1
}

k() { kubectl --kubeconfig "$config" --request-timeout=20s "$@"; }

holder() { k -n kube-system get lease "$lease" -o 'jsonpath={.spec.holderIdentity}' 2>/dev/null; }

# The turn is an object that only one can create. One that is held under this name is of an earlier run of this machine.
take_turn() {
  waited=0
  until printf '{"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
    "metadata": {"name": "%s", "namespace": "kube-system"}, "spec": {"holderIdentity": "%s"}}' "$lease" "$node" |
    k create -f - >/dev/null 2>&1; do
    # Nothing where it has just been given away.
    other=$(holder) || other=
    [ "$other" != "$node" ] || return 0
    [ "$waited" -lt "$WAIT_SECONDS" ] || refuse "the upgrade of ${other:-another machine} has not ended for an hour" \
      "see what is wrong there; where nothing runs, kubectl -n kube-system delete lease $lease"
    [ $((waited % 60)) -ne 0 ] || tell "waiting for ${other:-another machine}, which is upgraded first"
    sleep 2
    waited=$((waited + 2))
  done
}

# One of another machine is left alone.
give_turn() {
  other=$(k -n kube-system get lease "$lease" --ignore-not-found -o 'jsonpath={.spec.holderIdentity}') || return 1
  [ "$other" != "$node" ] || k -n kube-system delete lease "$lease" --ignore-not-found --wait=false
}

# Where it is the only machine, its pods have nowhere to go.
drain() {
  [ "$(k get nodes -o name | wc -l)" -gt 1 ] || return 0
  if [ ! -e "$cordoned" ]; then
    [ -z "$(k get node "$node" -o 'jsonpath={.spec.unschedulable}')" ] || return 0
    : >"$cordoned"
    sync "$cordoned"
  fi
  tell "draining $node"
  kubectl --kubeconfig "$config" drain "$node" --ignore-daemonsets --delete-emptydir-data --timeout=5m ||
    refuse "$node cannot be drained, so that its kubelet keeps its version; its pods stay" \
      "see in the log which pods stay, and why (a budget of disruptions, no owner that makes them again), then run \`up\` again"
}

# The mark stays where the cluster does not answer: the next run takes the machine back.
uncordon() {
  [ -e "$cordoned" ] || return 0
  k uncordon "$node" && rm -f "$cordoned"
}

# Also where it fails: a machine that keeps its version goes on working, and others are not kept waiting.
finish() {
  code=$?
  trap - EXIT
  uncordon || {
    code=1
    tell "$node takes no pods yet: the cluster does not answer. The next \`up\` lets them in" >&2
  }
  give_turn || {
    code=1
    tell "the turn of $node is not ended: kubectl -n kube-system delete lease $lease" >&2
  }
  exit "$code"
}

take_turn
trap finish EXIT
"$@"
drain
tell "starting the kubelet, Kubernetes $version"
/bin/sh /usr/local/lib/vmstation/kubeadm/place-kubelet.sh
systemctl daemon-reload
systemctl restart kubelet
k wait "--for=jsonpath={.status.nodeInfo.kubeletVersion}=v$version" "node/$node" --timeout=180s --request-timeout=0 ||
  refuse "the kubelet does not come up in version $version" "look at 'journalctl -u kubelet'"
k wait --for=condition=Ready "node/$node" --timeout=180s --request-timeout=0
