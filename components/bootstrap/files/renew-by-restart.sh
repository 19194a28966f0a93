#!/bin/sh
# renew-by-restart.sh SERVICE DATA NODE KUBECONFIG PROGRAM [WORD]: K3s and RKE2 make new certificates only when they start,
# of those that end within 90 days (newer releases: 120). Restarts SERVICE where one of DATA ends within 60 days; containers
# go on meanwhile. A server does so only while all other servers run, or where one has ended: then it serves nobody any
# more. PROGRAM and WORD are kubectl; an agent has none.
set -eu

service=$1 data=$2 node=$3 kubeconfig=$4 program=${5:-} word=${6:-}
mark=/var/lib/vmstation/bootstrap/renewed-by-restart
least=$((60 * 24 * 3600))

# ending SECONDS: those that end within them. Those of the authorities hold for ten years, and no restart renews them.
ending() {
  for file in "$data"/agent/*.crt "$data"/server/tls/*.crt "$data"/server/tls/*/*.crt; do
    case $file in *'*'* | *-ca.crt | *-ca.nochain.crt | */temporary-certs/*) continue ;; esac
    openssl x509 -noout -checkend "$1" -in "$file" >/dev/null || echo "$file"
  done
}

refuse() {
  printf '%s\nto do: %s\n' "$@" >&2
  exit 1
}

soon=$(ending "$least")
[ -n "$soon" ] || exit 0
if [ -n "$(find "$mark" -mtime -7 2>/dev/null)" ]; then
  refuse "$(echo "$soon" | head -n 1) ends within 60 days, and the restart of $service has not renewed it" \
    "read 'journalctl -u $service', or look whether that file is one of your own"
fi
wait_for_others() {
  servers=$("$program" ${word:+"$word"} --kubeconfig "$kubeconfig" get nodes --no-headers -l node-role.kubernetes.io/control-plane) ||
    refuse "certificates end within 60 days, but the API server does not answer: $service is not restarted" \
      "see above; this is tried again tomorrow"
  others=$(echo "$servers" | awk -v own="$node" '$1 != own && $2 !~ /^Ready/ {printf "%s ", $1}')
  [ -z "$others" ] ||
    refuse "certificates end within 60 days, but ${others}does not run: $service is not restarted" \
      "start that server; this is tried again tomorrow"
}

case $service in
  *agent) ;;
  *) [ -n "$(ending 0)" ] || wait_for_others ;;
esac
echo "restarting $service, which renews:"
echo "$soon"
mkdir -p "${mark%/*}"
: >"$mark"
systemctl restart "$service"
soon=$(ending "$least")
[ -z "$soon" ] || refuse "still ending within 60 days: $soon" "read 'journalctl -u $service'"
