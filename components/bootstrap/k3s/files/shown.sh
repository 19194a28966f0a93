# shellcheck shell=sh
# What a machine by K3s shows of itself; for files/fixed.sh and files/existing.sh.

SHOWN_ETC=/etc/rancher/k3s
SHOWN_DATA=/var/lib/rancher/k3s
SHOWN_UNITS=/etc/systemd/system

# k3s_mark: what says that K3s is on the machine; the last of all where nothing does.
k3s_mark() {
  for mark in "$SHOWN_DATA/server/token" "$SHOWN_DATA/agent/kubelet.kubeconfig" "$SHOWN_UNITS/k3s.service" \
    "$SHOWN_UNITS/k3s-agent.service" "$SHOWN_ETC/k3s.yaml"; do
    [ ! -e "$mark" ] || break
  done
  echo "$mark"
}

# Whether the machine belongs to a cluster of ours, or to one that is taken over. One that is half made counts: its
# networks and its token are in etcd already. Of one that is refused or wiped nothing is kept.
is_member() {
  if [ ! -e "$STATE/bootstrap/k3s" ] && [ "$EXISTING" != adopt ]; then return 1; fi
  [ -e "$SHOWN_DATA/server/token" ] || [ -e "$SHOWN_DATA/agent/kubelet.kubeconfig" ]
}

# show_fixed KEY: what a server was started with; agents do not show it.
show_fixed() {
  [ -e "$SHOWN_DATA/server/token" ] || return 0
  case $1 in
    network.podCidr) show_option cluster-cidr 10.42.0.0/16 ;;
    network.serviceCidr) show_option service-cidr 10.43.0.0/16 ;;
    network.clusterDns) show_option cluster-dns 10.43.0.10 ;;
    bootstrap.apiServerPort) show_option https-listen-port 6443 ;;
    bootstrap.encryption)
      if [ -e "$SHOWN_DATA/server/cred/encryption-config.json" ]; then echo true; else echo false; fi
      ;;
  esac
}

# show_option NAME DEFAULT: K3s's own option, from its configuration or its unit; K3s's default where neither has it
show_option() {
  shown=
  [ ! -e "$SHOWN_ETC/config.yaml" ] || shown=$(sed -n "s/^$1: *//p" "$SHOWN_ETC/config.yaml" | tr -d "\"'")
  if [ -z "$shown" ] && [ -e "$SHOWN_UNITS/k3s.service" ]; then
    shown=$(tr -s " \t'\"\\\\" '\n' <"$SHOWN_UNITS/k3s.service" | awk -v option="--$1" '
      $0 == option {getline; print; exit}
      index($0, option "=") == 1 {print substr($0, length(option) + 2); exit}')
  fi
  echo "${shown:-$2}"
}

# check_token: etcd's data is encrypted with the token; with another one K3s does not start any more.
check_token() {
  [ -e "$SHOWN_DATA/server/token" ] || return 0
  # "K10", a digest of the CA, "::server:" and the token.
  token_there=$(cat "$SHOWN_DATA/server/token")
  token_wanted=$(sed -n 's/^token: *//p' "$WORK/files$SHOWN_ETC/config.yaml" | tr -d "\"'")
  [ "${token_there#*::server:}" != "$token_wanted" ] || return 0
  fail "K3s's servers have another token than this stack; nothing was changed" \
    "bring theirs, the end of $SHOWN_DATA/server/token: npx vmstation pulumi config set --secret vmstation:k3sToken, and vmstation:bootstrap.tokenSecret: k3sToken"
}
