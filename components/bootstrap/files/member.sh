# shellcheck shell=sh
# Whether a machine is in a cluster by K3s or RKE2, which keep their data alike: below SHOWN_DATA, with their configuration
# in SHOWN_ETC. SHOWN_NAME is the method. For existing.sh and fixed.sh.

# Whether the machine belongs to a cluster of ours, or to one that is taken over. One that is half made counts: its
# networks and its token are in etcd already. Of one that is refused or wiped nothing is kept.
is_member() {
  if [ ! -e "$STATE/bootstrap/$SHOWN_NAME" ] && [ "$EXISTING" != adopt ]; then return 1; fi
  [ -e "$SHOWN_DATA/server/token" ] || [ -e "$SHOWN_DATA/agent/kubelet.kubeconfig" ]
}

# Whether a server has another token than the one that is to be written. etcd's data is encrypted with the token: with
# another one the server does not start any more.
has_other_token() {
  [ -e "$SHOWN_DATA/server/token" ] || return 1
  # "K10", a digest of the CA, "::server:" and the token.
  token_there=$(cat "$SHOWN_DATA/server/token")
  token_wanted=$(sed -n 's/^token: *//p' "$WORK/files$SHOWN_ETC/config.yaml" | tr -d "\"'")
  [ "${token_there#*::server:}" != "$token_wanted" ]
}

# existing_mark FILE...: the first of these files, which all say that the method is on the machine; the last where none is
existing_mark() {
  for mark in "$SHOWN_DATA/server/token" "$SHOWN_DATA/agent/kubelet.kubeconfig" "$@"; do
    [ ! -e "$mark" ] || break
  done
  echo "$mark"
}
