#!/bin/sh
# check-api.sh ADDRESS PORT FIRST|other CERT KEY PEER...: keepalived asks each second whether this machine may hold the
# cluster's address. CERT and KEY are what an API server here lets its own clients in by. Nobody may be let in without.
#
# What it writes is added to keepalived's priority, which decides between two machines that hold the address:
#   50   this machine has just got it, or would get it
#   0    it holds it, and the others have answered since: they know
#   -50  no API server is ready anywhere: who holds the address keeps it, or the first machine takes it, for the one to come
# So one that stood still while another took over has the lower priority, and gives way when it goes on.
set -u

address=$1 port=$2 first=$3 cert=$4 key=$5
shift 5
run=/run/vmstation-endpoint
metrics=/var/lib/node_exporter/textfile_collector
PATH=/usr/sbin:/usr/bin:/sbin:/bin
# Answers of all others, one after the other, before the holder's priority goes down.
settled=10
# Seconds that an API server has to answer. One on a machine with too much to do is slow, and better than none.
patience=2

# code_of HOST...: the answer of each API server, "000" where there is none; all are asked at the same time.
code_of() {
  for host in "$@"; do
    shift
    set -- "$@" --output /dev/null "https://$host:$port/readyz"
  done
  if [ -r "$cert" ] && [ -r "$key" ]; then set -- --cert "$cert" --key "$key" "$@"; fi
  curl --silent --insecure --noproxy '*' --parallel --max-time "$patience" --write-out '%{http_code}\n' "$@"
}

holds() { ip -4 -oneline address show to "$address/32" | grep -q .; }

# put FILE TEXT: keepalived and node_exporter read it at any time
put() {
  [ "$(cat "$1" 2>/dev/null)" != "$2" ] || return 0
  printf '%s\n' "$2" >"$1.new" && mv -f "$1.new" "$1"
}

weigh() {
  put "$run/weight" "$1"
  [ ! -d "$metrics" ] || put "$metrics/vmstation_endpoint.prom" "vmstation_endpoint_holds{address=\"$address\"} $held"
}

# Whether each of the others has answered `settled` times since this machine got the address. Once they have, it stays so.
others_know() {
  [ "$(cat "$run/answers" 2>/dev/null || echo 0)" -lt "$settled" ] || return 0
  if code_of "$@" | grep -qx 000; then count=0; else count=$(($(cat "$run/answers" 2>/dev/null || echo 0) + 1)); fi
  put "$run/answers" "$count"
  [ "$count" -ge "$settled" ]
}

held=0
if holds; then held=1; else rm -f "$run/answers"; fi

if [ "$(code_of 127.0.0.1)" = 200 ]; then
  weight=50
  if [ "$held" = 1 ] && others_know "$@"; then weight=0; fi
  weigh "$weight"
  exit 0
fi
rm -f "$run/answers"
# Given away it would be with nobody as long as no other one is ready. 401: an API server that does not let us in, as long as
# there is no certificate for it here.
if { [ "$held" = 1 ] || [ "$first" = first ]; } && ! code_of "$@" | grep -qxE '200|401'; then
  weigh -50
  exit 0
fi
weigh 50
exit 1
