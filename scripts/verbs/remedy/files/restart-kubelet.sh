# shellcheck shell=sh
# Restarts what makes this machine a part of the cluster: the container runtime where it is down, then the kubelet,
# by whichever unit the bootstrap method runs it.
has_unit() { systemctl cat "$1" >/dev/null 2>&1; }

if has_unit containerd.service && ! systemctl is-active --quiet containerd.service; then
  echo "containerd was down; it is started" >&2
  systemctl restart containerd.service
fi
for unit in kubelet.service rke2-server.service rke2-agent.service k3s.service k3s-agent.service; do
  if has_unit "$unit" && systemctl is-enabled --quiet "$unit"; then
    systemctl restart "$unit"
    exit 0
  fi
done
echo "there is no kubelet on this machine: is it part of the cluster?" >&2
exit 1
