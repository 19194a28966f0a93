# shellcheck shell=sh
# Labels and taints of the machines, as the configuration has them. NODES: lines "label|taint NAME VALUE".
step() {
  if removing; then return 0; fi
  printf '%s\n' "$NODES" >"$WORK/wanted"
  while read -r nodes_kind nodes_name nodes_value; do
    [ -n "$nodes_kind" ] || continue
    if checking; then
      nodes_check
    else
      quietly "$KUBECTL" --kubeconfig "$KUBECONFIG" "$nodes_kind" node "$nodes_name" "$nodes_value" --overwrite ||
        fail "$nodes_name does not take the $nodes_kind $nodes_value" "look at 'kubectl describe node $nodes_name'"
    fi
  done <"$WORK/wanted"
  if checking && [ -s "$WORK/nodes" ]; then drift cluster nodes "labels are missing" "$WORK/nodes"; fi
}

# Taints are left out: kubectl has no selector for them.
nodes_check() {
  [ "$nodes_kind" = label ] || return 0
  nodes_found=$("$KUBECTL" --kubeconfig "$KUBECONFIG" get nodes -l "$nodes_value" -o name)
  printf '%s\n' "$nodes_found" | grep -qxF "node/$nodes_name" || echo "$nodes_name $nodes_value" >>"$WORK/nodes"
}
