# shellcheck shell=sh
# Labels and taints of the machines, as the configuration has them. NODES: lines "label|taint NAME VALUE". MACHINES: the
# names of all, one to a line; a node that was among them and is no more is drained and removed if ALLOW_REMOVAL is true.
step() {
  if removing; then return 0; fi
  if applying; then nodes_members; fi
  printf '%s\n' "$NODES" >"$WORK/wanted"
  while read -r nodes_kind nodes_name nodes_value; do
    [ -n "$nodes_kind" ] || continue
    if checking; then
      nodes_check
    else
      record "$nodes_kind" "$nodes_name $(nodes_bare "$nodes_value")"
      nodes_await
      nodes_kubectl "$nodes_kind" node "$nodes_name" "$nodes_value" --overwrite ||
        fail "$nodes_name does not take the $nodes_kind $nodes_value" "look at 'kubectl describe node $nodes_name'"
    fi
  done <"$WORK/wanted"
  if checking && [ -s "$WORK/nodes" ]; then drift cluster nodes "labels are missing" "$WORK/nodes"; fi
}

# A worker has joined before its kubelet makes the Node.
nodes_await() {
  "$KUBECTL" --kubeconfig "$KUBECONFIG" get nodes -o name >"$WORK/nodes"
  ! grep -qxF "node/$nodes_name" "$WORK/nodes" || return 0
  nodes_kubectl wait --for=create "node/$nodes_name" --timeout=60s ||
    fail "$nodes_name is no node of the cluster" "look at 'journalctl -u kubelet' on $nodes_name"
}

# Refuses before anything is changed; what may go is drained and deleted by forget_node in the end.
nodes_members() {
  for nodes_name in $MACHINES; do record node "$nodes_name"; done
  [ -e "$STATE/steps/$STEP" ] || return 0
  awk -F '\t' '$1 == "node" {print $2}' "$STATE/steps/$STEP" >"$WORK/members"
  while read -r nodes_name; do
    printf '%s\n' "$MACHINES" | grep -qxF "$nodes_name" && continue
    [ "$ALLOW_REMOVAL" = true ] ||
      fail "$nodes_name left the configuration and would be drained and removed from the cluster" \
        "set vmstation:bootstrap.allowRemoval to true, or put the machine back (offline: true keeps one that is away)"
    nodes_roles=$("$KUBECTL" --kubeconfig "$KUBECONFIG" get nodes -l node-role.kubernetes.io/control-plane -o name)
    ! printf '%s\n' "$nodes_roles" | grep -qxF "node/$nodes_name" ||
      fail "$nodes_name is a control plane, whose etcd member has to leave first" \
        "take the cluster away there with its installer's own program ('kubeadm reset', 'rke2-uninstall.sh', 'k3s-uninstall.sh'), then 'kubectl delete node $nodes_name'"
  done <"$WORK/members"
}

forget_node() {
  if removing; then return 0; fi
  "$KUBECTL" --kubeconfig "$KUBECONFIG" get nodes -o name >"$WORK/nodes"
  grep -qxF "node/$1" "$WORK/nodes" || return 0
  nodes_kubectl drain "$1" --ignore-daemonsets --delete-emptydir-data --timeout=5m ||
    fail "$1 cannot be drained" "see above which pods stay, and why"
  nodes_kubectl delete node "$1"
  say "$STEP: $1 is no node any more; what is installed there stays until its installer's own program removes it"
}

nodes_kubectl() { quietly "$KUBECTL" --kubeconfig "$KUBECONFIG" "$@"; }

# nodes_bare KEY=VALUE[:EFFECT]: the key, of a taint with its effect
nodes_bare() {
  case $1 in
    *:*) printf '%s:%s\n' "${1%%[=:]*}" "${1##*:}" ;;
    *) printf '%s\n' "${1%%=*}" ;;
  esac
}

# What left the configuration is taken off the node, where the node has not left with it.
forget_label() { nodes_forget label "${1%% *}" "${1#* }"; }
forget_taint() { nodes_forget taint "${1%% *}" "${1#* }"; }
nodes_forget() {
  # With the stack goes its word on the cluster, which itself stays as it is.
  if removing; then return 0; fi
  "$KUBECTL" --kubeconfig "$KUBECONFIG" get nodes -o name >"$WORK/nodes"
  if grep -qxF "node/$2" "$WORK/nodes"; then
    "$KUBECTL" --kubeconfig "$KUBECONFIG" get node "$2" -o json >"$WORK/node"
    # kubectl refuses to remove a taint that is not there.
    if grep -qF "\"${3%%:*}\"" "$WORK/node"; then nodes_kubectl "$1" node "$2" "$3-"; fi
  fi
}

# Taints are left out: kubectl has no selector for them.
nodes_check() {
  [ "$nodes_kind" = label ] || return 0
  nodes_found=$("$KUBECTL" --kubeconfig "$KUBECONFIG" get nodes -l "$nodes_value" -o name)
  printf '%s\n' "$nodes_found" | grep -qxF "node/$nodes_name" || echo "$nodes_name $nodes_value" >>"$WORK/nodes"
}
