# shellcheck shell=sh
# The address by which a cluster knows this machine already. The firewalls follow the configuration before the cluster is
# looked at: with another address there, its machines would be cut off from each other.

look_at_known_address() {
  known=$(known_address)
  wanted=${CLUSTER_ADDRESS:-}
  wanted=${wanted%/*}
  if [ -z "$known" ] || [ "$known" = "$wanted" ]; then return 0; fi
  advice="set it to $known"
  if is_on_lan "$known"; then
    # The LAN's own address may be another one than it was.
    [ -n "$wanted" ] || return 0
    advice="leave it out on all machines"
  fi
  finding "address by which the cluster knows $MACHINE" "$known" "${wanted:-none}" \
    "vmstation:machines.$MACHINE.clusterAddress: $advice; a cluster keeps its addresses until 'vmstation reset hard'"
}

# is_on_lan ADDRESS: the machine has it where the LAN's address is, or does not have it any more
is_on_lan() {
  known_nic=$(nic_of "$1")
  [ -z "$known_nic" ] || [ "$known_nic" = "$(nic_of "$ADDRESS")" ]
}

nic_of() { ip -o -4 address show to "$1" | awk 'NR == 1 {print $2}'; }

# What its kubelet is told; nothing where the machine is in no cluster, or in one that is half made or goes.
known_address() {
  is_known_member || return 0
  for known_file in /var/lib/kubelet/kubeadm-flags.env /etc/kubernetes/kubelet.env \
    /etc/rancher/k3s/config.yaml /etc/rancher/rke2/config.yaml; do
    [ -e "$ROOT$known_file" ] || continue
    sed -n 's/.*--node-ip=\([0-9.]*\).*/\1/p; s/^node-ip: *["'\'']*\([0-9.]*\).*/\1/p' "$ROOT$known_file"
  done | head -n 1
}

is_known_member() {
  if [ -e "$STATE/bootstrap/kubeadm-begun" ]; then return 1; fi
  if [ "$EXISTING" = reset ] && [ -z "$(ls -A "$STATE/steps" 2>/dev/null)" ]; then return 1; fi
  for mark in $MARKS; do [ ! -e "$ROOT$mark" ] || return 0; done
  return 1
}
