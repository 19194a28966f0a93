# shellcheck shell=sh
# What a machine by K3s shows of itself; for files/member.sh, files/fixed.sh and files/existing.sh.

# shellcheck disable=SC2034 # files/member.sh reads it
SHOWN_NAME=k3s
SHOWN_ETC=/etc/rancher/k3s
SHOWN_DATA=/var/lib/rancher/k3s
SHOWN_UNITS=/etc/systemd/system

# k3s_mark: what says that K3s is on the machine; the last of all where nothing does.
k3s_mark() { existing_mark "$SHOWN_UNITS/k3s.service" "$SHOWN_UNITS/k3s-agent.service" "$SHOWN_ETC/k3s.yaml"; }

# show_fixed KEY: what a server was started with; agents show their address alone.
show_fixed() {
  case $1 in machines.*.clusterAddress) show_option node-ip "" ;; esac
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

check_token() {
  ! has_other_token || fail "K3s's servers have another token than this stack; nothing was changed" \
    "bring theirs, the end of $SHOWN_DATA/server/token: npx vmstation pulumi config set --secret vmstation:k3sToken, and vmstation:bootstrap.tokenSecret: k3sToken"
}
