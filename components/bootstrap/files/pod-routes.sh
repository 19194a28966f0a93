# shellcheck shell=sh
# Routes to the pods of other machines outlive the cluster: what has set them is gone, and kubeadm, RKE2 and K3s leave them.
# In the next cluster this machine may get what was another's part of the pod network, and the old route to there would
# come before its own.

# forget_pod_routes CIDR: those into the pod network that a routing program has set: BIRD or Felix of Calico, or another
# network's. What is of a link goes with the link; what an administrator or DHCP has set stays.
forget_pod_routes() {
  ip -4 route show root "$1" 2>/dev/null | sed -n 's/.* proto \([^ ]*\).*/\1/p' | sort -u >"$WORK/protocols"
  while read -r routes_of; do
    case $routes_of in kernel | boot | static | dhcp | ra | redirect) continue ;; esac
    say "$STEP: removing the routes to pods that the cluster has left ($routes_of)"
    quietly ip -4 route flush root "$1" proto "$routes_of" ||
      fail "old routes to pods cannot be removed" \
        "look at 'ip route show root $1' there, or restart the machine; then run the same again"
  done <"$WORK/protocols"
}
