#!/bin/sh
# fetch-artefacts.sh LIST: fetches what the list names, where it is not yet there in that version.
# A line: SHA-256, kind (file, data or tar), destination, URL, architecture; a tar is unpacked into the destination.
# The SHA-256 is unset:KEY where nobody knows it, and KEY of the configuration would say it.
set -eu

cache=/var/lib/vmstation/artefacts
mkdir -p "$cache"

tell() {
  echo "$*"
  echo "$*" >>"${VMSTATION_PROGRESS:-/dev/null}"
}

# fetch DIGEST URL FILE: complete and checked, or not there at all
fetch() {
  tell "fetching ${2##*/}"
  curl --fail --silent --show-error --location --retry 5 --retry-connrefused --output "$3.new" "$2"
  if ! echo "$1  $3.new" | sha256sum --check --status; then
    echo "$2 has the digest $(sha256sum <"$3.new" | cut -c 1-64), expected $1" >&2
    rm -f "$3.new"
    exit 1
  fi
  mv -f "$3.new" "$3"
}

case $(uname -m) in
  x86_64) own=amd64 ;;
  aarch64) own=arm64 ;;
  *) own=other ;;
esac

while IFS=' ' read -r digest kind destination url architecture; do
  case ${architecture:-any} in any | "$own") ;; *) continue ;; esac
  case $digest in
    unset:*)
      printf 'there is no digest of %s\nto do: set vmstation:%s to its SHA-256\n' "$url" "${digest#unset:}" >&2
      exit 1
      ;;
  esac
  marker=$cache/$(echo "$destination ${url##*/}" | sha256sum | cut -c 1-16).installed
  if [ -e "$marker" ] && [ "$(cat "$marker")" = "$digest" ] && [ -e "$destination" ]; then continue; fi
  fetch "$digest" "$url" "$cache/artefact"
  case $kind in
    file)
      mkdir -p "${destination%/*}"
      install -m 0755 "$cache/artefact" "$destination.new"
      mv -f "$destination.new" "$destination"
      ;;
    data)
      mkdir -p "${destination%/*}"
      install -m 0644 "$cache/artefact" "$destination"
      ;;
    tar)
      mkdir -p "$destination"
      tar --extract --gzip --no-same-owner --no-overwrite-dir --file "$cache/artefact" --directory "$destination"
      ;;
    *)
      echo "no such kind of artefact: $kind" >&2
      exit 1
      ;;
  esac
  rm -f "$cache/artefact"
  echo "$digest" >"$marker"
done <"$1"
