#!/bin/sh
# install-rke2.sh RELEASE ORIGIN CHECKSUM SERVICE INTENT: the release's archive, checked, and its service.
# CHECKSUM is the archive's SHA-256, or "listed": then only the release's own list vouches for it.
# A changed INTENT (configuration, manifests) restarts the service.
set -eu

release=$1 origin=$2 checksum=$3 service=$4 intent=$5
archive=rke2.linux-amd64.tar.gz
cache=/var/lib/vmstation/artefacts/rke2
state=/var/lib/vmstation/bootstrap

tell() {
  echo "$*"
  echo "$*" >>"${VMSTATION_PROGRESS:-/dev/null}"
}

get() { curl --fail --silent --show-error --location --retry 5 --retry-connrefused --output "$2" "$1"; }

mkdir -p "$cache" "$state"
changed=
if [ ! -e "$state/rke2-release" ] || [ "$(cat "$state/rke2-release")" != "$release" ]; then
  tell "fetching RKE2 $release"
  rm -rf "${cache:?}"/*
  get "$origin/$archive" "$cache/$archive"
  get "$origin/sha256sum-amd64.txt" "$cache/list"
  grep " $archive\$" "$cache/list" >"$cache/listed"
  (cd "$cache" && sha256sum --check --status listed) || {
    echo "$archive is not what the list of the release says" >&2
    exit 1
  }
  if [ "$checksum" != listed ] && ! echo "$checksum  $cache/$archive" | sha256sum --check --status; then
    echo "$archive is not what bootstrap.artefactChecksum says" >&2
    exit 1
  fi
  tar --extract --gzip --no-same-owner --file "$cache/$archive" --directory /usr/local
  rm -rf "${cache:?}"/*
  echo "$release" >"$state/rke2-release"
  changed=release
fi
if [ ! -e "$state/rke2-intent" ] || [ "$(cat "$state/rke2-intent")" != "$intent" ]; then changed=intent; fi

systemctl daemon-reload
systemctl enable "$service"
if [ -n "$changed" ]; then
  tell "starting $service"
  # The unit is of type notify: this returns once the machine is part of the cluster.
  systemctl restart "$service"
  echo "$intent" >"$state/rke2-intent"
else
  systemctl start "$service"
fi
