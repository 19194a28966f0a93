#!/bin/sh
# Runs before each start of the Minecraft server and, where an update is about to open the world, packs it first: a
# newer server converts it permanently. The old server has ended by then (strategy Recreate), so the world stands still;
# where it cannot be packed, the new server does not start. Packs lie beside the world: the three youngest, and all
# of the last 30 days.
# usage: back-up-world.sh DATA-FOLDER VERSION
set -eu

data=$1
version=$2
own=$data/.vmstation
packs=$own/before-update

# Everything but what a server makes or downloads again.
pack() {
  tar -czf "$1" -C "$data" --anchored --no-wildcards-match-slash \
    --exclude=./.vmstation --exclude=./cache --exclude=./crash-reports --exclude=./libraries \
    --exclude=./logs --exclude=./versions --exclude='./*.jar' .
  gzip -t "$1"
}

# The names begin with the time, so the shell's own order is that of age.
remove_old() {
  set -- "$packs"/*.tar.gz
  while [ "$#" -gt 3 ]; do
    find "$1" -mtime +30 -delete
    shift
  done
}

mkdir -p "$packs"
last=
[ ! -s "$own/version" ] || last=$(cat "$own/version")
if [ "$last" = "$version" ]; then exit 0; fi

if [ -d "$data/world" ]; then
  target=$packs/$(date -u +%Y%m%dT%H%M%SZ)-${last:-unknown}.tar.gz
  echo "packing the world of ${last:-an unknown version} before $version opens it: $target"
  rm -f "$packs"/*.partial
  pack "$target.partial"
  mv "$target.partial" "$target"
  remove_old
fi

printf '%s\n' "$version" >"$own/version.new"
mv "$own/version.new" "$own/version"
