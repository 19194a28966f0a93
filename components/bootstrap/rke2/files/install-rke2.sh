#!/bin/sh
# install-rke2.sh RELEASE ORIGIN CHECKSUMS SERVICE INTENT: the release's archive, checked, and its service.
# CHECKSUMS has a line ARCHITECTURE=SHA-256 for each archive, or ARCHITECTURE=listed: then only the release's own list
# vouches for it.
# A changed INTENT (configuration, manifests) restarts the service.
set -eu

release=$1 origin=$2 checksums=$3 service=$4 intent=$5
case $(uname -m) in aarch64) architecture=arm64 ;; *) architecture=amd64 ;; esac
archive=rke2.linux-$architecture.tar.gz
checksum=$(printf '%s\n' "$checksums" | sed -n "s/^$architecture=//p")
cache=/var/lib/vmstation/artefacts/rke2
state=/var/lib/vmstation/bootstrap

tell() {
  echo "$*"
  echo "$*" >>"${VMSTATION_PROGRESS:-/dev/null}"
}

# The second number of v1.35.4+rke2r1.
minor_of() { echo "$1" | cut -d . -f 2; }

# Servers and agents may be one minor version apart, and etcd's data is never read by an older release.
refuse_skip() {
  step=$(($(minor_of "$release") - $(minor_of "$1")))
  if [ "$step" -ge 0 ] && [ "$step" -le 1 ]; then return 0; fi
  {
    echo "from RKE2 $1 to $release is not one step forward"
    echo "to do: go one minor version at a time, one \`up\` each, and never back"
  } >&2
  exit 1
}

get() { curl --fail --silent --show-error --location --retry 5 --retry-connrefused --output "$2" "$1"; }

mkdir -p "$cache" "$state"
changed=
if [ ! -e "$state/rke2-release" ] || [ "$(cat "$state/rke2-release")" != "$release" ]; then
  if [ -e "$state/rke2-release" ]; then refuse_skip "$(cat "$state/rke2-release")"; fi
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
  # The unit is of type notify: this returns once the machine is part of the cluster.
  systemctl restart "$service"
  echo "$intent" >"$state/rke2-intent"
else
  systemctl start "$service"
fi
