# shellcheck shell=sh
# The API server's virtual address on one control plane: keepalived with a configuration of our own. The distribution's
# own keepalived.service and its files are not touched.

ENDPOINT_UNIT=vmstation-endpoint.service
ENDPOINT_CONFIG=/etc/vmstation/endpoint/keepalived.conf

step() {
  if removing && is_used "$ADDRESS"; then
    say "$STEP: programs on this machine use $ADDRESS, so it stays; once the cluster is gone: systemctl disable --now $ENDPOINT_UNIT"
    # Without what the end of a removal does.
    exit 0
  fi
  if applying; then
    refuse_another_address
    refuse_foreign_holder
  fi
  ensure_certificate
  ensure_keepalived
  ! applying || wait_for_address
}

ensure_keepalived() {
  if removing; then ensure_unit "$ENDPOINT_UNIT" enabled active; fi
  while read -r each_file; do
    case $each_file in
      *.service) ensure_file "$each_file" unit-file ;;
      "$ENDPOINT_CONFIG") ensure_file "$each_file" config ;;
      *) ensure_file "$each_file" program ;;
    esac
  done <"$WORK/paths"
  on_change unit-file systemctl daemon-reload
  removing || ensure_unit "$ENDPOINT_UNIT" enabled active
  if removing; then return 0; fi
  on_change unit-file systemctl restart "$ENDPOINT_UNIT"
  # It goes on holding the address meanwhile.
  on_change config systemctl reload-or-restart "$ENDPOINT_UNIT"
}

# is_used ADDRESS: whether the cluster on this machine reaches its API server there.
is_used() {
  for used_file in /etc/kubernetes/*.conf /etc/rancher/rke2/config.yaml /etc/rancher/k3s/config.yaml; do
    if [ -e "$used_file" ] && grep -qE "(server|SERVER): *[\"']?https://$(printf %s "$1" | sed 's/\./\\./g'):" "$used_file"; then return 0; fi
  done
  return 1
}

address_now() { [ ! -e "$ENDPOINT_CONFIG" ] || sed -n 's|^ *\([0-9.]*\)/32 dev .*|\1|p' "$ENDPOINT_CONFIG"; }

# Its users would lose the API before they have heard of the new one.
refuse_another_address() {
  address_was=$(address_now)
  if [ -z "$address_was" ] || [ "$address_was" = "$ADDRESS" ] || ! is_used "$address_was"; then return 0; fi
  fail "this machine's programs reach the API server at $address_was, and would lose it" \
    "change vmstation:bootstrap.endpoint.address in two updates: the first without vmstation:bootstrap.endpoint, the second with $ADDRESS"
}

# mac_of ADDRESS: of who has it on the LAN, nothing where nobody does
mac_of() {
  ping -c 1 -W 1 "$1" >/dev/null 2>&1 || :
  ip -4 neighbour show to "$1" dev "$NIC" | sed -n 's/.* lladdr \([0-9a-f:]*\) .*/\1/p'
}

# Another device on the LAN that has the address already. Once keepalived runs here it is in order that somebody has it.
refuse_foreign_holder() {
  if systemctl is-active -q "$ENDPOINT_UNIT" || [ -n "$(ip -4 -o address show to "$ADDRESS/32")" ]; then return 0; fi
  foreign_mac=$(mac_of "$ADDRESS")
  [ -n "$foreign_mac" ] || return 0
  for each_peer in $PEERS; do
    [ "$(mac_of "$each_peer")" != "$foreign_mac" ] || return 0
  done
  fail "$ADDRESS is in use: the device with MAC address $foreign_mac answers for it" \
    "name a free address in vmstation:bootstrap.endpoint.address, outside what your router gives out"
}

# The first machine holds it for the cluster that is still to come; where there is one, a machine whose API server is ready does.
wait_for_address() {
  [ "$FIRST" = true ] || return 0
  address_tries=0
  while [ "$address_tries" -lt 40 ]; do
    if [ -n "$(ip -4 -o address show to "$ADDRESS/32")" ]; then return 0; fi
    if curl -sk --noproxy '*' --max-time 1 -o "$WORK/answer" "https://$ADDRESS:$PORT/readyz"; then return 0; fi
    address_tries=$((address_tries + 1))
    sleep 1
  done
  fail "no control plane has taken $ADDRESS within 40 s" "read 'journalctl -u $ENDPOINT_UNIT' on each of them"
}
