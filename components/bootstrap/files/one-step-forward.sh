#!/bin/sh
# one-step-forward.sh NAME FROM TO: refuses another step from one release of NAME (v1.35.4+k3s1) to another. etcd's data is
# never read by an older release, and Kubernetes skips no minor version.
set -eu

name=$1 from=$2 to=$3

minor_of() { echo "$1" | cut -d . -f 2; }

newest=$(printf '%s\n' "$from" "$to" | sort -V | tail -n 1)
if [ "$newest" = "$to" ] && [ $(($(minor_of "$to") - $(minor_of "$from"))) -le 1 ]; then exit 0; fi
printf '%s\nto do: %s\n' "from $name $from to $to is not one step forward" \
  "go one minor version at a time, one \`up\` each, and never back" | tee "${VMSTATION_FAILURE:-/dev/null}" >&2
exit 1
