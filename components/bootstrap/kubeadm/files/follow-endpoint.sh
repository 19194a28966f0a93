# shellcheck shell=sh
# Where programs of a cluster by kubeadm reach the API server: HOST, as ADDRESS:PORT. kubeadm writes it once, when a machine
# joins; a cluster that gets a virtual address later, or loses it, follows here. VIRTUAL: whether HOST is such an address.
# What names another one, that is not ours, stays as it is where it is not.

FOLLOW_ETC=/etc/kubernetes

# follow_endpoint [cluster]: this machine's own files; with "cluster" also what the cluster hands out
follow_endpoint() {
  # There as long as something here may name a virtual address of ours; it is the line in it.
  follow_record=$STATE/bootstrap/endpoint
  follow_from='[^ ]*'
  if [ "$VIRTUAL" != true ]; then
    [ -s "$follow_record" ] || return 0
    follow_from=$(sed 's/\./\\./g' "$follow_record")
  elif applying; then
    mkdir -p "$STATE/bootstrap"
    echo "$HOST" >"$follow_record.new"
    sync "$follow_record.new"
    mv -f "$follow_record.new" "$follow_record"
  fi
  for follow_file in admin.conf super-admin.conf kubelet.conf; do follow_in_file "$FOLLOW_ETC/$follow_file"; done
  if ! applying; then return 0; fi
  on_change kubelet-endpoint systemctl restart kubelet
  if [ "${1:-}" = cluster ]; then follow_in_cluster; fi
  [ "$VIRTUAL" = true ] || rm -f "$follow_record"
}

# The server that a kubeconfig names, as ADDRESS:PORT.
follow_server() { sed -n 's|^ *server: *https://||p' "$1" | head -n 1; }

# A control plane's kubelet may use the API server beside it.
follow_is_right() {
  follow_was=$(follow_server "$1")
  [ "$follow_was" != "$HOST" ] || return 0
  printf '%s\n' "$follow_was" | grep -qx "$follow_from" || return 0
  case $1 in */kubelet.conf) ;; *) return 1 ;; esac
  [ -e "$FOLLOW_ETC/manifests/kube-apiserver.yaml" ] || return 1
  grep -qF -e "--advertise-address=${follow_was%:*}" "$FOLLOW_ETC/manifests/kube-apiserver.yaml"
}

follow_in_file() {
  if [ ! -s "$1" ] || follow_is_right "$1"; then return 0; fi
  if checking; then
    drift file "$1" "programs of this machine reach the API server at $follow_was, not at $HOST"
    return 0
  fi
  follow_wait
  case $1 in */kubelet.conf) mark_pending kubelet-endpoint "the kubelet's API server to $HOST" ;; esac
  sed "s|^\( *server: *https://\).*|\1$HOST|" "$1" >"$WORK/kubeconfig"
  install_like "$WORK/kubeconfig" "$1"
}

# Nobody leaves an API server that works for one that does not answer there, or has no certificate for it.
follow_wait() {
  follow_tries=0
  until curl --silent --show-error --noproxy '*' --max-time 5 --cacert "$FOLLOW_ETC/pki/ca.crt" -o "$WORK/answer" "https://$HOST/livez" 2>"$WORK/why"; do
    follow_tries=$((follow_tries + 1))
    [ "$follow_tries" -lt 60 ] || fail "the API server does not answer at $HOST: $(cat "$WORK/why")" \
      "look at it and run again; until then the machine keeps its former one"
    sleep 1
  done
}

follow_kubectl() { /usr/local/bin/kubectl --kubeconfig "$FOLLOW_ETC/admin.conf" --request-timeout=20s "$@"; }

# What machines are given that join from now on, and kube-proxy.
follow_in_cluster() {
  follow_object kube-system kubeadm-config "s|^\( *controlPlaneEndpoint: *\)$follow_from\$|\1$HOST|"
  follow_object kube-public cluster-info "s|^\( *server: *https://\)$follow_from\$|\1$HOST|"
  follow_object kube-system kube-proxy "s|^\( *server: *https://\)$follow_from\$|\1$HOST|" kube-proxy
  on_change kube-proxy quietly follow_kubectl -n kube-system rollout restart daemonset kube-proxy
}

# follow_object NAMESPACE CONFIGMAP SED [TAG]
follow_object() {
  set -- "$@" files
  follow_kubectl -n "$1" get configmap "$2" --ignore-not-found -o yaml >"$WORK/object"
  [ -s "$WORK/object" ] || return 0
  sed "$3" "$WORK/object" >"$WORK/wanted"
  if cmp -s "$WORK/object" "$WORK/wanted"; then return 0; fi
  mark_pending "$4" "ConfigMap $2 to $HOST"
  quietly follow_kubectl -n "$1" replace -f "$WORK/wanted"
}
