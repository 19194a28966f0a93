#!/bin/sh
# install-rke2.sh RELEASE ORIGIN CHECKSUMS SERVICE INTENT NODE SNAPSHOTS FOLDER: the release's archive, checked, and its service.
# CHECKSUMS has a line ARCHITECTURE=SHA-256 for each archive, or ARCHITECTURE=listed: then only the release's own list
# vouches for it.
# FOLDER is that of the snapshots. A changed INTENT (configuration, manifests) restarts the service. Before an upgrade SNAPSHOTS of etcd are kept, 0 for
# none, and a server drains itself.
set -eu

release=$1 origin=$2 checksums=$3 service=$4 intent=$5 node=$6 snapshots=$7 folder=$8
case $(uname -m) in aarch64) architecture=arm64 ;; *) architecture=amd64 ;; esac
archive=rke2.linux-$architecture.tar.gz
checksum=$(printf '%s\n' "$checksums" | sed -n "s/^$architecture=//p")
cache=/var/lib/vmstation/artefacts/rke2
state=/var/lib/vmstation/bootstrap
library=/usr/local/lib/vmstation/bootstrap
program=/usr/local/bin/rke2

tell() {
  echo "$*"
  echo "$*" >>"${VMSTATION_PROGRESS:-/dev/null}"
}

get() { curl --fail --silent --show-error --location --retry 5 --retry-connrefused --output "$2" "$1"; }

turn() {
  sh "$library/turn-node.sh" "$1" "$node" "$release" /etc/rancher/rke2/rke2.yaml /var/lib/rancher/rke2/bin/kubectl
}

# The archive in the cache: what the list of its release says, and the configuration, or not at all.
fetch_archive() {
  tell "fetching RKE2 $release"
  rm -rf "${cache:?}"/*
  get "$origin/$archive" "$cache/$archive"
  get "$origin/sha256sum-$architecture.txt" "$cache/list"
  grep " $archive\$" "$cache/list" >"$cache/listed"
  (cd "$cache" && sha256sum --check --status listed) || {
    echo "$archive is not what the list of the release says" >&2
    exit 1
  }
  if [ "$checksum" != listed ] && ! echo "$checksum  $cache/$archive" | sha256sum --check --status; then
    echo "$archive is not what bootstrap.artefactChecksum (for ARM: artefactChecksumArm64) says" >&2
    exit 1
  fi
}

# What is to be upgraded has to run: a snapshot and a drain are asked of it. An agent's drain is the controller's.
prepare_upgrade() {
  [ "$service" = rke2-server ] || return 0
  systemctl start "$service"
  if [ "$snapshots" -gt 0 ]; then
    tell "etcd snapshot"
    "$program" etcd-snapshot save --name vmstation
    # By the name that config.yaml has: with both of its names RKE2 refuses.
    "$program" etcd-snapshot prune --name vmstation --etcd-snapshot-retention "$snapshots"
  fi
  turn drain
}

mkdir -p "$cache" "$state"
# RKE2 makes none but its own default folder, and without it takes no snapshot.
if [ "$snapshots" -gt 0 ]; then (umask 077 && mkdir -p "$folder"); fi
changed=
running=$(cat "$state/rke2-release" 2>/dev/null || :)
[ -z "$running" ] || sh "$library/one-step-forward.sh" RKE2 "$running" "$release"
if [ "$running" != "$release" ]; then
  fetch_archive
  [ -z "$running" ] || prepare_upgrade
  tar --extract --gzip --no-same-owner --no-overwrite-dir --file "$cache/$archive" --directory /usr/local
  rm -rf "${cache:?}"/*
  echo "$release" >"$state/rke2-release"
  changed=release
fi
if [ ! -e "$state/rke2-intent" ] || [ "$(cat "$state/rke2-intent")" != "$intent" ]; then changed=intent; fi

systemctl daemon-reload
systemctl enable "$service"
if [ -n "$changed" ]; then
  tell "starting $service"
  sh "$library/start-service.sh" restart "$service" "$node"
  echo "$intent" >"$state/rke2-intent"
else
  sh "$library/start-service.sh" start "$service" "$node"
fi
if [ "$service" = rke2-server ]; then turn uncordon; fi
