# shellcheck shell=sh
# Labels and taints of the machines, as the configuration has them. NODES: lines "label|taint NAME VALUE". MACHINES: the
# names of all, one to a line; what was among them and is no more leaves the cluster.
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
  nodes_kubectl get nodes -o name
  ! grep -qxF "node/$nodes_name" "$WORK/output" || return 0
  nodes_kubectl wait --for=create "node/$nodes_name" --timeout=60s ||
    fail "$nodes_name is no node of the cluster" "look at 'journalctl -u kubelet' on $nodes_name"
}

# Machines that left the configuration leave the cluster, or are refused to.
nodes_members() {
  for nodes_name in $MACHINES; do record node "$nodes_name"; done
  change_members departures
}

# nodes_members has let it go.
forget_node() { :; }

# nodes_kubectl WORD...: again where the API server was away: K3s ends, and starts again, where its machine was too slow.
nodes_kubectl() {
  ! quietly "$KUBECTL" --kubeconfig "$KUBECONFIG" "$@" || return 0
  grep -qE 'refused|Unable to connect|unable to handle the request' "$WORK/output" || return 1
  nodes_answer
  quietly "$KUBECTL" --kubeconfig "$KUBECONFIG" "$@"
}

# Until the API server answers, for two minutes at most.
nodes_answer() {
  nodes_left=120
  until "$KUBECTL" --kubeconfig "$KUBECONFIG" get --raw /readyz --request-timeout=5s >/dev/null 2>&1; do
    nodes_left=$((nodes_left - 1))
    [ "$nodes_left" -gt 0 ] || return 0
    sleep 1
  done
}

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
