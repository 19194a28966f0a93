#!/bin/sh
# start-service.sh start|restart SERVICE NODE: a machine's part of the cluster. Where it does not start, its errors and its
# last words are said. Units of type notify: this returns once a server's API answers, or an agent has joined.
set -eu

verb=$1 service=$2 node=$3
begun=$(date +%s)

# A part that fails ends the others, which then say more than it does: its errors are above the last lines.
say_why() {
  said=$(journalctl -q -n 200 --no-pager -o cat --since "@$begun" -u "$service") || return 0
  printf '%s\n' "$said" | head -n -4 | sed -nE '/level=(error|fatal)|^(Error|panic): /p' | tail -n 4
  printf '%s\n' "$said" | tail -n 4
}

systemctl "$verb" "$service" || {
  {
    say_why
    printf '%s\nto do: %s\n' "$service does not start" \
      "read 'journalctl -u $service' on $node, then run \`up\` again: it continues"
  } | tee "${VMSTATION_FAILURE:-/dev/null}" >&2
  exit 1
}
