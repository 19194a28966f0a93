#!/bin/sh
# start-service.sh start|restart SERVICE NODE: a machine's part of the cluster. Where it does not start, its last words are
# said. Units of type notify: this returns once a server's API answers, or an agent has joined.
set -eu

verb=$1 service=$2 node=$3

systemctl "$verb" "$service" || {
  {
    journalctl -q -n 8 --no-pager -o cat -u "$service" || :
    printf '%s\nto do: %s\n' "$service does not start" \
      "read 'journalctl -u $service' on $node, then run \`up\` again: it continues"
  } | tee "${VMSTATION_FAILURE:-/dev/null}" >&2
  exit 1
}
