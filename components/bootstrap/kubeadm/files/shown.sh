# shellcheck shell=sh
# What a machine by kubeadm shows of the settings that its cluster keeps; for files/fixed.sh.

SHOWN_MANIFESTS=/etc/kubernetes/manifests
SHOWN_KUBELET=/var/lib/kubelet/config.yaml
SHOWN_FLAGS=/var/lib/kubelet/kubeadm-flags.env

# Whether the machine belongs to a cluster that is whole, and ours or to be taken over. One that is half made is made
# again, with what is wanted now; of somebody else's that is refused or wiped nothing is kept.
is_member() {
  if [ -e "$STATE/bootstrap/kubeadm-begun" ]; then return 1; fi
  if [ ! -e "$STATE/bootstrap/kubeadm" ] && [ "$EXISTING" != adopt ]; then return 1; fi
  [ -e /etc/kubernetes/kubelet.conf ]
}

# show_fixed KEY VALUE: nothing where this machine does not show it.
show_fixed() {
  case $1 in
    bootstrap.audit) show_switch audit-policy-file ;;
    bootstrap.encryption) show_switch encryption-provider-config ;;
    bootstrap.apiServerPort) show_flag kube-apiserver secure-port ;;
    bootstrap.apiServerSans) show_names "$2" ;;
    bootstrap.maxPods) show_kubelet maxPods ;;
    bootstrap.reserves.system.cpu) show_kubelet systemReserved cpu ;;
    bootstrap.reserves.system.memory) show_kubelet systemReserved memory ;;
    bootstrap.reserves.kube.cpu) show_kubelet kubeReserved cpu ;;
    bootstrap.reserves.kube.memory) show_kubelet kubeReserved memory ;;
    network.podCidr) show_flag kube-controller-manager cluster-cidr ;;
    network.serviceCidr) show_flag kube-apiserver service-cluster-ip-range ;;
    network.clusterDns) show_kubelet clusterDNS - ;;
    machines.*.clusterAddress) show_node_address ;;
  esac
}

# show_flag PROGRAM OPTION: its value in the static pod's manifest
show_flag() {
  [ ! -e "$SHOWN_MANIFESTS/$1.yaml" ] || sed -n "s/^ *- --$2=//p" "$SHOWN_MANIFESTS/$1.yaml"
}

# What kubeadm has told the kubelet as the machine joined.
show_node_address() {
  [ ! -e "$SHOWN_FLAGS" ] || sed -n 's/.*--node-ip=\([0-9.]*\).*/\1/p' "$SHOWN_FLAGS"
}

show_switch() {
  [ -e "$SHOWN_MANIFESTS/kube-apiserver.yaml" ] || return 0
  if [ -n "$(show_flag kube-apiserver "$1")" ]; then echo true; else echo false; fi
}

# show_kubelet KEY [BELOW]: a scalar of the kubelet's configuration; BELOW is a key of the mapping, "-" the list's first.
show_kubelet() {
  [ -e "$SHOWN_KUBELET" ] || return 0
  awk -v key="$1:" -v below="${2:-}" '
    function plain(text) {gsub(/["'\'']/, "", text); return text}
    below == "" && $1 == key {print plain($2); exit}
    /^[^ -]/ {inside = ($1 == key); next}
    inside && ($1 == below ":" || (below == "-" && $1 == "-")) {print plain($2); exit}' "$SHOWN_KUBELET"
}

# show_names WANTED: WANTED, a JSON list, where the API server's certificate holds every one of its names; else what it holds.
show_names() {
  [ -e /etc/kubernetes/pki/apiserver.crt ] || return 0
  openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -ext subjectAltName |
    sed -n 's/DNS://g; s/IP Address://g; 2p' | tr -d ' ' | tr ',' '\n' >"$WORK/names"
  printf '%s\n' "$1" | tr -d '[]"' | tr ',' '\n' | sed '/^$/d' >"$WORK/wanted-names"
  if grep -vxFf "$WORK/names" "$WORK/wanted-names" >/dev/null; then tr '\n' ' ' <"$WORK/names"; else printf '%s\n' "$1"; fi
}
