#!/bin/sh
# Runs before each start of the Minecraft server and, where another version is about to open the world, packs the
# world first: a newer server converts it for good. The last three packs are kept beside the world.
# usage: back-up-world.sh DATA-FOLDER VERSION
set -eu

data=$1
version=$2
own=$data/.vmstation
packs=$own/before-update

mkdir -p "$packs"
last=
[ ! -s "$own/version" ] || last=$(cat "$own/version")
if [ "$last" = "$version" ]; then exit 0; fi

if [ -d "$data/world" ]; then
  pack=$packs/$(date -u +%Y%m%dT%H%M%SZ)-${last:-unknown}.tar.gz
  echo "packing the world of version ${last:-unknown} before $version opens it: $pack"
  set -- world
  for extra in world_nether world_the_end server.properties whitelist.json ops.json; do
    [ ! -e "$data/$extra" ] || set -- "$@" "$extra"
  done
  rm -f "$packs"/*.partial
  tar -czf "$pack.partial" -C "$data" "$@"
  gzip -t "$pack.partial"
  mv "$pack.partial" "$pack"
  # The names begin with the time, so the shell's own order is that of age.
  set -- "$packs"/*.tar.gz
  while [ "$#" -gt 3 ]; do
    rm -f "$1"
    shift
  done
fi

printf '%s\n' "$version" >"$own/version.new"
mv "$own/version.new" "$own/version"
